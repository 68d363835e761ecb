import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { type Clinic, createClinic, renameWorkflow } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { getWorkflowDifference } from "./difference";
import { getWorkflow } from "./get";
import { saveWorkflow } from "./save";
import { listWorkflowVersions } from "./versions";

const database = testDatabase();
let clinic: Clinic;
let id: string;

beforeEach(async () => {
  clinic = await createClinic();
  id = clinic.workflows.hook;
});

const user = () => {
  const { actor, db, announce } = clinic.ctx;
  return { actor: actor as typeof actor & { userId: string }, db, announce };
};

/** Changes the one job's code and credential, in two versions. */
async function change(): Promise<void> {
  const credential = await createCredential(user(), { name: "Clinic", body: { key: "v" } });
  const { id: projectCredentialId } = await shareCredential(clinic.ctx, { credentialId: credential.id });
  const { graph, lockVersion } = await getWorkflow(clinic.ctx, { id });
  const jobs = graph.jobs.map(({ adaptorVersion: _, ...job }) => ({
    ...job,
    body: "fn(s => s)\nfn(s => s)",
    projectCredentialId,
  }));
  const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
  await saveWorkflow(clinic.ctx, { ...graph, jobs, id, lockVersion }, deps);
  await renameWorkflow(clinic, id, "Hook, renamed");
}

describe("the difference between two versions of a workflow", () => {
  test("names what changed, credentials by their names, against the present version or another", async () => {
    await change();
    const found = await getWorkflowDifference(clinic.ctx, { id, from: 1 });
    expect(found).toMatchObject({
      workflowName: "Hook, renamed",
      from: 1,
      to: 3,
      difference: {
        workflow: [{ field: "name", before: "Hook", after: "Hook, renamed" }],
        jobs: [
          {
            name: "Hooked",
            fields: [{ field: "credential", before: null, after: "Clinic" }],
            code: { added: 1, removed: 0 },
          },
        ],
      },
    });
    const back = await getWorkflowDifference(clinic.ctx, { id, from: 3, to: 2 });
    expect(back.difference).toMatchObject({ workflow: [{ before: "Hook, renamed" }], jobs: [] });
  });

  test("is told of a deleted workflow, and not of a version or workflow that is not there", async () => {
    await change();
    await expectRefusal(getWorkflowDifference(clinic.ctx, { id, from: 1, to: 4 }), "not_found");
    await expectRefusal(getWorkflowDifference(clinic.ctx, { id: randomUUID(), from: 1 }), "not_found");
    const stranger = await createClinic();
    await expectRefusal(getWorkflowDifference(stranger.ctx, { id, from: 1, to: 2 }), "not_found");
    await database.query("update workflows set deleted_at = now() where id = $1", [id]);
    expect((await getWorkflowDifference(clinic.ctx, { id, from: 1, to: 2 })).to).toBe(2);
  });
});

test("a workflow's versions are listed newest first, a page at a time, without their code", async () => {
  await change();
  const first = await listWorkflowVersions(clinic.ctx, { id, limit: 2 });
  expect(first.items.map(({ lockVersion, createdBy }) => [lockVersion, createdBy])).toEqual([
    [3, clinic.ctx.actor.label],
    [2, clinic.ctx.actor.label],
  ]);
  const rest = await listWorkflowVersions(clinic.ctx, { id, cursor: Number(first.nextCursor) });
  expect(rest.items.map(({ lockVersion }) => lockVersion)).toEqual([1]);
  expect(rest.nextCursor).toBeNull();
  expect(JSON.stringify(first)).not.toContain("fn(s");
});
