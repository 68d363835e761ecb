import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { linkAuthMethod } from "@/lib/domain/auth-method/link";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { archiveWorkflow, unarchiveWorkflow } from "./archive";
import { duplicateWorkflow } from "./duplicate";
import { enableWorkflow } from "./enable";
import { getWorkflow } from "./get";
import { listWorkflows } from "./list";
import { renameWorkflow } from "./rename";
import { saveWorkflow } from "./save";
import { draft } from "./testing";
import { listWorkflowVersions } from "./versions";

const database = testDatabase();
const deps = { resolveAdaptor: async () => ({ version: "3.3.4" }) };
let clinic: Clinic;

beforeEach(async () => {
  clinic = await createClinic();
});

/** A workflow of three triggers, the first of which is on. */
async function make(more: { body?: string; enabled?: boolean; customPath?: string } = {}) {
  const workflow = draft();
  const [webhook] = workflow.triggers;
  const cron = { id: randomUUID(), type: "cron" as const, cronExpression: "0 6 * * *", enabled: false };
  const body = more.body ?? "fn(s => s)";
  const saved = await saveWorkflow(
    clinic.ctx,
    {
      ...workflow,
      triggers: [
        {
          id: webhook?.id ?? "",
          type: "webhook",
          enabled: more.enabled ?? true,
          customPath: more.customPath ?? null,
        },
        { ...cron, cronCursorJobId: workflow.jobs[0]?.id ?? null },
      ],
      jobs: workflow.jobs.map((job) => ({ ...job, body })),
      positions: { [workflow.jobs[0]?.id ?? ""]: { x: 1, y: 2 } },
    },
    deps,
  );
  return { id: saved.id, name: workflow.name, webhook: webhook?.id ?? "", cron: cron.id, graph: saved.graph };
}

const shown = (id: string) => getWorkflow(clinic.ctx, { id });
const on = async (id: string) =>
  (await shown(id)).graph.triggers.filter(({ enabled }) => enabled).map((one) => one.id);

describe("switching", () => {
  test("turns the whole off, and one trigger on, each as a version", async () => {
    const { id, cron, webhook } = await make();
    expect(
      await enableWorkflow(clinic.ctx, { workflowId: id, lockVersion: 1, enabled: false }),
    ).toMatchObject({
      id,
      lockVersion: 2,
      changed: true,
    });
    expect(await on(id)).toEqual([]);
    await enableWorkflow(clinic.ctx, { workflowId: id, lockVersion: 2, enabled: true, triggerId: cron });
    expect(await on(id)).toEqual([cron]);
    const [row] = await database.query("select next_run_at is not null as due from triggers where id = $1", [
      cron,
    ]);
    expect(row).toEqual({ due: true });
    // Another one takes over: a workflow has one at most that is on.
    await enableWorkflow(clinic.ctx, { workflowId: id, lockVersion: 3, enabled: true, triggerId: webhook });
    expect(await on(id)).toEqual([webhook]);
    await enableWorkflow(clinic.ctx, { workflowId: id, lockVersion: 4, enabled: false, triggerId: webhook });
    expect(await on(id)).toEqual([]);
    expect(
      await enableWorkflow(clinic.ctx, { workflowId: id, lockVersion: 5, enabled: false }),
    ).toMatchObject({
      lockVersion: 5,
      changed: false,
    });
  });

  test("on without naming a trigger is for the only one that there is", async () => {
    const { id } = await make({ enabled: false });
    const change = { workflowId: id, lockVersion: 1, enabled: true };
    await expectRefusal(enableWorkflow(clinic.ctx, change), "invalid");
    const empty = await saveWorkflow(clinic.ctx, { name: "empty", triggers: [], jobs: [], edges: [] }, deps);
    const refused = await expectRefusal(
      enableWorkflow(clinic.ctx, { ...change, workflowId: empty.id }),
      "invalid",
    );
    expect(refused.message).toContain("Add a trigger");
    const trigger = randomUUID();
    const one = await saveWorkflow(
      clinic.ctx,
      { name: "one", triggers: [{ id: trigger, type: "webhook", enabled: false }], jobs: [], edges: [] },
      deps,
    );
    await enableWorkflow(clinic.ctx, { ...change, workflowId: one.id });
    expect(await on(one.id)).toEqual([trigger]);
  });

  test("on is refused while code does not compile, naming job and line; off never is", async () => {
    const { id, webhook, graph } = await make({ body: "fn(s => s);\nfn(s => {", enabled: false });
    const change = { workflowId: id, lockVersion: 1, enabled: true, triggerId: webhook };
    const refused = await expectRefusal(enableWorkflow(clinic.ctx, change), "invalid");
    expect(refused.message).toMatch(/The code of A does not compile \(line 2/);
    const [a, b] = graph.jobs.map((job) => job.id);
    expect(Object.keys(refused.details ?? {})).toEqual([`jobs.${a}.body`, `jobs.${b}.body`, "problems"]);
    expect(refused.details?.problems).toMatchObject([
      { item: "job", itemId: a, field: "body", line: 2 },
      { item: "job", itemId: b, field: "body", line: 2 },
    ]);
    // A deploy may have switched it on.
    const { graph: now } = await shown(id);
    await saveWorkflow(
      clinic.ctx,
      {
        ...now,
        id,
        lockVersion: 1,
        jobs: now.jobs.map(({ adaptorVersion: _, ...job }) => job),
        triggers: now.triggers.map((one) => ({ ...one, enabled: one.id === webhook })),
      },
      deps,
    );
    await enableWorkflow(clinic.ctx, { ...change, lockVersion: 2, enabled: false });
    expect(await on(id)).toEqual([]);
  });

  test("is refused when somebody has saved another version meanwhile, and for those who only look", async () => {
    const { id } = await make();
    const change = { workflowId: id, lockVersion: 1, enabled: false };
    await enableWorkflow(clinic.ctx, change);
    const refused = await expectRefusal(enableWorkflow(clinic.ctx, change), "conflict");
    expect(refused.details).toEqual({ lockVersion: 2 });
    await expectRefusal(enableWorkflow(clinic.as("viewer"), { ...change, lockVersion: 2 }), "forbidden");
  });
});

test("a name is another version, and no two workflows have the same", async () => {
  const [one, other] = [await make(), await make()];
  expect(
    await renameWorkflow(clinic.ctx, { workflowId: one.id, lockVersion: 1, name: " Better " }),
  ).toMatchObject({ lockVersion: 2 });
  expect((await shown(one.id)).name).toBe("Better");
  const taken = await expectRefusal(
    renameWorkflow(clinic.ctx, { workflowId: other.id, lockVersion: 1, name: "Better" }),
    "conflict",
  );
  expect(taken.details).toHaveProperty(["workflow.name"]);
  await expectRefusal(
    renameWorkflow(clinic.ctx, { workflowId: one.id, lockVersion: 1, name: "Late" }),
    "conflict",
  );
  await expectRefusal(
    renameWorkflow(clinic.as("viewer"), { workflowId: one.id, lockVersion: 2, name: "Mine" }),
    "forbidden",
  );
});

describe("a copy", () => {
  test("is the same under new ids, switched off, without what only one can have, and says so", async () => {
    const { id, name, graph, webhook } = await make({ customPath: "visits" });
    const method = await createAuthMethod(clinic.ctx, { type: "api", name: "Kobo" });
    await linkAuthMethod(clinic.ctx, { authMethodId: method.id, triggerIds: [webhook] });
    const copy = await duplicateWorkflow(clinic.ctx, { workflowId: id });
    expect(copy).toMatchObject({ name: `${name} copy`, lockVersion: 1 });
    expect(copy.notes.join(" ")).toMatch(/switched off.*no custom path: visits.*authentication methods/);
    const made = (await shown(copy.id)).graph;
    const idsOf = ({ triggers, jobs, edges }: typeof made) =>
      [...triggers, ...jobs, ...edges].map((one) => one.id);
    const [before, after] = [idsOf(graph), idsOf(made)];
    expect(after.filter((one) => before.includes(one))).toEqual([]);
    const back = new Map(after.map((one, n) => [one, before[n] ?? ""]));
    const renamed = JSON.parse(
      JSON.stringify(made).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (one) => back.get(one) ?? one),
    );
    expect(renamed).toEqual({
      ...graph,
      name: `${name} copy`,
      triggers: graph.triggers.map((one) => ({ ...one, enabled: false, customPath: null })),
    });
    const { items } = await listWorkflowVersions(clinic.ctx, { id: copy.id });
    expect(items.map(({ note }) => note)).toEqual([`A copy of ${name}`]);
    expect((await shown(id)).graph).toEqual(graph);
  });

  test("has a name of its own, however long", async () => {
    const { id } = await make();
    await renameWorkflow(clinic.ctx, { workflowId: id, lockVersion: 1, name: "n".repeat(200) });
    const [one, two] = [
      await duplicateWorkflow(clinic.ctx, { workflowId: id }),
      await duplicateWorkflow(clinic.ctx, { workflowId: id }),
    ];
    expect(one.name).not.toBe(two.name);
    await expectRefusal(duplicateWorkflow(clinic.ctx, { workflowId: id, name: one.name }), "conflict");
    await expectRefusal(duplicateWorkflow(clinic.as("viewer"), { workflowId: id }), "forbidden");
  });
});

describe("archiving", () => {
  test("switches every trigger off, and lists show it apart", async () => {
    const { id } = await make();
    const archived = await archiveWorkflow(clinic.ctx, id);
    expect(archived).toMatchObject({ lockVersion: 2, archivedAt: expect.any(String) });
    expect(await on(id)).toEqual([]);
    const listed = async (archived?: "true" | "false") =>
      (await listWorkflows(clinic.ctx, { archived })).items.map((row) => row.id);
    expect(await listed("true")).toEqual([id]);
    expect(await listed("false")).not.toContain(id);
    expect(await listed()).toContain(id);
    expect(await archiveWorkflow(clinic.ctx, id)).toEqual(archived);
    await expectAudit("workflow.archive", id);

    expect(await unarchiveWorkflow(clinic.ctx, id)).toEqual({ lockVersion: 2, archivedAt: null });
    expect(await on(id)).toEqual([]);
    expect(await listed("true")).toEqual([]);
    await expectAudit("workflow.unarchive", id);
    await expectRefusal(archiveWorkflow(clinic.as("viewer"), id), "forbidden");
  });

  test("ends with a version that something starts, whoever saves it", async () => {
    const { id, webhook } = await make();
    await archiveWorkflow(clinic.ctx, id);
    await renameWorkflow(clinic.ctx, { workflowId: id, lockVersion: 2, name: "Still away" });
    expect((await shown(id)).archivedAt).not.toBeNull();
    await enableWorkflow(clinic.ctx, { workflowId: id, lockVersion: 3, enabled: true, triggerId: webhook });
    expect((await shown(id)).archivedAt).toBeNull();
  });
});

test("a repository may do what it may do by a deploy", async () => {
  const { id } = await make();
  const { id: tokenId, name } = await createProjectToken(clinic.ctx, {
    name: "repository",
    scopes: ["deploy"],
  });
  const repository = {
    ...clinic.ctx,
    role: "admin" as const,
    actor: { type: "token" as const, tokenId, label: name },
  };
  await enableWorkflow(repository, { workflowId: id, lockVersion: 1, enabled: false });
  await archiveWorkflow(repository, id);
  expect((await shown(id)).archivedAt).not.toBeNull();
});
