import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { draft } from "@/lib/domain/workflow/testing";
import { type Clinic, createClinic, renameWorkflow } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { getDrift } from "./get";

const database = testDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
let clinic: Clinic;

beforeEach(async () => {
  clinic = await createClinic();
});

/** What a deploy writes when it is over. */
const deployed = () =>
  database.query(
    `insert into deploys (project_id, versions, source, created_by)
     select $1, jsonb_object_agg(id, lock_version), 'cli', 'Ada' from workflows where project_id = $1 and deleted_at is null`,
    [clinic.ctx.project.id],
  );

test("a project that was never deployed has not drifted", async () => {
  expect(await getDrift(clinic.ctx)).toEqual({ deploy: null, workflows: [] });
});

test("nothing has drifted right after a deploy", async () => {
  await deployed();
  expect(await getDrift(clinic.ctx)).toEqual({
    deploy: { at: expect.any(String), by: "Ada", source: "cli" },
    workflows: [],
  });
});

test("what was changed, made and deleted since is told, with who did it", async () => {
  await deployed();
  const { hook, visit } = clinic.workflows;
  for (const name of ["a", "b", "c", "d"]) await renameWorkflow(clinic, hook, name);
  const fresh = { ...draft("New"), id: randomUUID() };
  await saveWorkflow(clinic.ctx, fresh, deps);
  await database.query("update workflows set deleted_at = now() where id = $1", [visit]);
  // Deleted before it was ever deployed: nobody's repository has it.
  const passing = { ...draft("Passing"), id: randomUUID() };
  await saveWorkflow(clinic.ctx, passing, deps);
  await database.query("update workflows set deleted_at = now() where id = $1", [passing.id]);

  const { workflows } = await getDrift(clinic.ctx);
  expect(workflows.map(({ id, change, from, to }) => ({ id, change, from, to }))).toEqual([
    { id: fresh.id, change: "added", from: null, to: 1 },
    { id: visit, change: "deleted", from: 1, to: 1 },
    { id: hook, change: "changed", from: 1, to: 5 },
  ]);
  const changed = workflows.find(({ id }) => id === hook);
  expect(changed?.versions.map(({ lockVersion }) => lockVersion)).toEqual([5, 4, 3]);
  expect(changed?.versions[0]).toMatchObject({ createdBy: clinic.ctx.actor.label, source: "app" });
});

test("another project's deploy says nothing of this one", async () => {
  await deployed();
  const other = await createClinic();
  await renameWorkflow(other, other.workflows.hook, "Renamed");
  expect((await getDrift(clinic.ctx)).workflows).toEqual([]);
  expect((await getDrift(other.ctx)).deploy).toBeNull();
});
