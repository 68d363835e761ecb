import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { createKeychain } from "@/lib/domain/keychain/create";
import { createLibraryJob } from "@/lib/domain/library/create";
import { limits } from "@/lib/limits";
import { type Clinic, createClinic, renameWorkflow } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { getWorkflowHead, listDeletedWorkflows } from "./deleted";
import { getWorkflowDifference } from "./difference";
import { getWorkflow } from "./get";
import { getRestoration, restoreVersion } from "./restore";
import { saveWorkflow } from "./save";
import { listWorkflowVersions } from "./versions";

const database = testDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
let clinic: Clinic;
let id: string;

beforeEach(async () => {
  clinic = await createClinic();
  id = clinic.workflows.hook;
});

/** Saves the workflow with something else in it: its next version. */
async function change(of: (graph: WorkflowGraph) => Partial<WorkflowGraph>, workflowId = id) {
  const { graph, lockVersion } = await getWorkflow(clinic.ctx, { id: workflowId });
  const wanted = { ...graph, ...of(graph) };
  const jobs = wanted.jobs.map(({ adaptorVersion: _, ...job }) => job);
  return saveWorkflow(clinic.ctx, { ...wanted, jobs, id: workflowId, lockVersion }, deps);
}

const withBody = (body: string) => (graph: WorkflowGraph) => ({
  jobs: graph.jobs.map((job) => ({ ...job, body })),
});

const remove = (workflowId = id) =>
  database.query("update workflows set deleted_at = now() where id = $1", [workflowId]);

const user = () => {
  const { actor, db, announce } = clinic.ctx;
  return { actor: actor as typeof actor & { userId: string }, db, announce };
};

describe("restoring a version", () => {
  test("makes it the next one, with its pins, its author and where it is from", async () => {
    const { graph: first } = await getWorkflow(clinic.ctx, { id });
    await change(withBody("fn(s => ({ ...s, changed: true }))"));
    await renameWorkflow(clinic, id, "Hook, renamed");
    const shown = await getRestoration(clinic.ctx, { id, version: 1 });
    expect(shown).toMatchObject({ name: "Hook", lockVersion: 3, isDeleted: false, notes: [] });
    expect(shown.difference.workflow).toEqual([{ field: "name", before: "Hook, renamed", after: "Hook" }]);

    const back = await restoreVersion(clinic.ctx, { id, version: 1, lockVersion: 3 });
    expect(back).toMatchObject({ id, lockVersion: 4, changed: true, notes: [] });
    expect((await getWorkflow(clinic.ctx, { id })).graph).toEqual(first);
    const { items } = await listWorkflowVersions(clinic.ctx, { id });
    expect(items[0]).toMatchObject({
      lockVersion: 4,
      source: "restore",
      restoredFrom: 1,
      createdBy: clinic.ctx.actor.label,
    });
    const { difference } = await getWorkflowDifference(clinic.ctx, { id, from: 1, to: 4 });
    expect(difference).toMatchObject({ workflow: [], triggers: [], jobs: [], edges: [] });
    const event = await expectAudit("workflow.restore", id);
    expect(event.after).toMatchObject({ restoredFrom: 1, lockVersion: 4 });
  });

  test("of what the workflow says already writes nothing", async () => {
    await change(withBody("fn(s => 1)"));
    const again = await restoreVersion(clinic.ctx, { id, version: 2, lockVersion: 2 });
    expect(again).toMatchObject({ lockVersion: 2, changed: false });
    expect((await listWorkflowVersions(clinic.ctx, { id })).items).toHaveLength(2);
  });

  test("is refused when the workflow was changed since it was looked at, and for who may not write", async () => {
    await change(withBody("fn(s => 1)"));
    await expectRefusal(restoreVersion(clinic.ctx, { id, version: 1, lockVersion: 1 }), "conflict");
    await expectRefusal(restoreVersion(clinic.as("viewer"), { id, version: 1, lockVersion: 2 }), "forbidden");
    await expectRefusal(restoreVersion(clinic.ctx, { id, version: 9, lockVersion: 2 }), "not_found");
    const stranger = await createClinic();
    await expectRefusal(restoreVersion(stranger.ctx, { id, version: 1, lockVersion: 2 }), "not_found");
    await expectRefusal(getRestoration(stranger.ctx, { id, version: 1 }), "not_found");
  });

  test("brings jobs back without credentials, keychains and entries that are gone, and says so", async () => {
    const credential = await createCredential(user(), { name: "Clinic", body: { key: "v" } });
    const link = await shareCredential(clinic.ctx, { credentialId: credential.id });
    const keychain = await createKeychain(clinic.ctx, { name: "By facility", path: "$.data.facility" });
    const { visit } = clinic.workflows;
    await change(
      (graph) => ({
        jobs: graph.jobs.map((job) =>
          job.name === "Referral"
            ? { ...job, projectCredentialId: link.id }
            : job.name === "Payment"
              ? { ...job, keychainCredentialId: keychain.id }
              : job,
        ),
      }),
      visit,
    );
    const entry = await createLibraryJob(
      clinic.ctx,
      { name: "Shared", workflowId: visit, jobId: clinic.jobs.notify },
      deps,
    );
    const { lockVersion: full } = await getWorkflow(clinic.ctx, { id: visit });
    await change(
      (graph) => ({ jobs: graph.jobs.map((job) => ({ ...job, libraryJobId: null, libraryVersion: null })) }),
      visit,
    );
    await database.query("delete from project_credentials where id = $1", [link.id]);
    await database.query("delete from keychain_credentials where id = $1", [keychain.id]);
    await database.query("delete from library_jobs where id = $1", [entry.id]);
    const asked = { id: visit, version: full };
    const shown = await getRestoration(clinic.ctx, asked);
    const back = await restoreVersion(clinic.ctx, { ...asked, lockVersion: full + 1 });
    expect(back.notes).toEqual(shown.notes);
    expect(back.notes).toEqual([
      expect.stringMatching(/^Referral had a credential that is not shared/),
      expect.stringMatching(/^Payment had a keychain that was deleted/),
      expect.stringMatching(/^Notify was of a library entry that was deleted/),
    ]);
    const { graph } = await getWorkflow(clinic.ctx, { id: visit });
    for (const job of graph.jobs)
      expect(job).toMatchObject({
        projectCredentialId: null,
        keychainCredentialId: null,
        libraryJobId: null,
        libraryVersion: null,
      });
  });

  test("says that a webhook which was deleted meanwhile asks nobody who they are", async () => {
    await change(() => ({ triggers: [], edges: [] }));
    const back = await restoreVersion(clinic.ctx, { id, version: 1, lockVersion: 2 });
    expect(back.notes).toEqual([expect.stringMatching(/without the authentication methods/)]);
    expect((await getWorkflow(clinic.ctx, { id })).graph.triggers).toHaveLength(1);
  });

  test("leaves out a trigger that followed a job which is gone, and refuses to take away one that is followed", async () => {
    const { visit } = clinic.workflows;
    await change((graph) => ({
      triggers: graph.triggers.map((trigger) => ({
        ...trigger,
        type: "flow" as const,
        sourceJobId: clinic.jobs.notify,
      })),
    }));
    await change((graph) => ({
      triggers: graph.triggers.map((trigger) => ({
        ...trigger,
        type: "webhook" as const,
        sourceJobId: null,
      })),
    }));
    const jobs = ({ jobs, edges }: WorkflowGraph) => ({
      jobs: jobs.filter(({ name }) => name !== "Notify"),
      edges: edges.filter(({ targetJobId }) => targetJobId !== clinic.jobs.notify),
    });
    await change(jobs, visit);
    const back = await restoreVersion(clinic.ctx, { id, version: 2, lockVersion: 3 });
    expect(back.notes).toEqual([expect.stringMatching(/^Its flow trigger followed a job/)]);
    expect((await getWorkflow(clinic.ctx, { id })).graph).toMatchObject({ triggers: [], edges: [] });

    await restoreVersion(clinic.ctx, { id: visit, version: 1, lockVersion: 2 });
    await restoreVersion(clinic.ctx, { id, version: 2, lockVersion: 4 });
    const refused = restoreVersion(clinic.ctx, { id: visit, version: 2, lockVersion: 3 });
    expect((await expectRefusal(refused, "invalid")).message).toContain('"Hook" is started by the end');
  });
});

describe("a deleted workflow", () => {
  test("is listed, and comes back as a new version with its triggers and their times", async () => {
    await change((graph) => ({
      triggers: graph.triggers.map((trigger) => ({
        ...trigger,
        type: "cron" as const,
        cronExpression: "0 0 * * *",
      })),
    }));
    expect(await listDeletedWorkflows(clinic.ctx)).toEqual({ items: [], nextCursor: null });
    await remove();
    await database.query(
      "update triggers set next_run_at = now() - interval '3 days' where workflow_id = $1",
      [id],
    );
    const { items } = await listDeletedWorkflows(clinic.ctx);
    expect(items).toEqual([{ id, name: "Hook", lockVersion: 2, deletedAt: expect.any(String) }]);
    expect(await getRestoration(clinic.ctx, { id, version: 2 })).toMatchObject({ isDeleted: true });

    const back = await restoreVersion(clinic.ctx, { id, version: 2, lockVersion: 2 });
    expect(back).toMatchObject({ lockVersion: 3, changed: true });
    expect(await listDeletedWorkflows(clinic.ctx)).toEqual({ items: [], nextCursor: null });
    expect(await getWorkflow(clinic.ctx, { id })).toMatchObject({ name: "Hook", lockVersion: 3 });
    const [trigger] = await database.query<{ isDue: boolean }>(
      'select next_run_at < now() as "isDue" from triggers where workflow_id = $1',
      [id],
    );
    expect(trigger?.isDue, "nothing is made up for what it missed while it was deleted").toBe(false);
  });

  test("comes back under another name when its own is taken, and not over another one's custom path", async () => {
    await change((graph) => ({
      triggers: graph.triggers.map((trigger) => ({ ...trigger, customPath: "visits" })),
    }));
    await remove();
    await renameWorkflow(clinic, clinic.workflows.visit, "Hook");
    const asked = { id, version: 2, lockVersion: 2 };
    const refused = await expectRefusal(restoreVersion(clinic.ctx, asked), "conflict");
    expect(refused.message).toContain("Another workflow of this project is called Hook now.");
    expect(refused.details).toMatchObject({ name: [expect.any(String)] });
    expect((await getWorkflowHead(clinic.ctx, { id })).deletedAt).not.toBeNull();

    const other = await createWebhook("visits");
    const taken = await expectRefusal(restoreVersion(clinic.ctx, { ...asked, name: "Old hook" }), "conflict");
    expect(taken.message).toContain("custom path");
    await remove(other);
    await restoreVersion(clinic.ctx, { ...asked, name: "Old hook" });
    const { name, graph } = await getWorkflow(clinic.ctx, { id });
    expect([name, graph.name, graph.triggers[0]?.customPath]).toEqual(["Old hook", "Old hook", "visits"]);
  });

  test("does not come back when the project has as many as it may", async () => {
    await remove();
    const names = Array.from({ length: limits.workflows - 1 }, (_, n) => `w-${n}`);
    await database.query(
      "insert into workflows (id, project_id, name) select gen_random_uuid(), $1, unnest($2::text[])",
      [clinic.ctx.project.id, names],
    );
    const refused = restoreVersion(clinic.ctx, { id, version: 1, lockVersion: 1 });
    expect((await expectRefusal(refused, "invalid")).details).toMatchObject({ limit: { name: "workflows" } });
  });

  test("of many, each is listed once, a page at a time, the last first", async () => {
    const names = Array.from({ length: 5 }, (_, n) => `w-${n}`);
    await database.query(
      `insert into workflows (id, project_id, name, deleted_at)
       select gen_random_uuid(), $1, name, now() - (ordinality / 2) * interval '1 h'
       from unnest($2::text[]) with ordinality as n(name, ordinality)`,
      [clinic.ctx.project.id, names],
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listDeletedWorkflows>> = await listDeletedWorkflows(clinic.ctx, {
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen.toSorted()).toEqual(names);
    expect(seen[0]).toBe("w-0");
    const nowhere = await listDeletedWorkflows(clinic.ctx, { cursor: randomUUID() });
    expect(nowhere.items).toEqual([]);
  });
});

/** A new workflow with a webhook at a path. Returns its id. */
async function createWebhook(customPath: string): Promise<string> {
  const workflow = randomUUID();
  const triggers = [{ id: randomUUID(), type: "webhook" as const, customPath }];
  await saveWorkflow(clinic.ctx, { id: workflow, name: "Other", triggers, jobs: [], edges: [] }, deps);
  return workflow;
}
