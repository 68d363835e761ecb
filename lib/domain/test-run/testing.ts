import { randomUUID } from "node:crypto";
import type { Context } from "@/lib/domain/context";
import { credentialSource } from "@/lib/domain/credential/source";
import { saveDraft } from "@/lib/domain/draft/save";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { type DraftGraph, newEdge, newJob, newTrigger, toDraft } from "@/lib/editor/graph";
import type { Runner } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import type { TestHost } from "./host";

/** Ids of the workflow of `testDraft`: a filter, two jobs that follow each other, and one that catches the first's failure. */
export const testIds = () => ({
  trigger: randomUUID(),
  webhook: randomUUID(),
  cron: randomUUID(),
  first: randomUUID(),
  second: randomUUID(),
  caught: randomUUID(),
});
export type TestIds = ReturnType<typeof testIds>;

/** *filter → first → second*, *first fails → caught*; a webhook and an hourly clock lead to *first* too. */
export function testGraph(ids: TestIds): DraftGraph {
  const edge = (
    kind: "trigger" | "job",
    from: string,
    to: string,
    condition: "always" | "on_job_success" | "on_job_failure",
  ) => newEdge(randomUUID(), { kind, id: from }, to, condition);
  const job = (id: string, name: string) => ({
    ...newJob(id, name),
    adaptor: "@openfn/language-common@3.3.4",
  });
  return {
    ...{ name: "Visits", concurrency: null, positions: null, orderKey: null, jobLogs: null },
    triggers: [
      { ...newTrigger(ids.trigger, "message_filter"), inclusion: { form: "visit" } },
      newTrigger(ids.webhook, "webhook"),
      newTrigger(ids.cron, "cron"),
    ],
    jobs: [job(ids.first, "First"), job(ids.second, "Second"), job(ids.caught, "Caught")],
    edges: [
      edge("trigger", ids.trigger, ids.first, "always"),
      edge("trigger", ids.webhook, ids.first, "always"),
      edge("trigger", ids.cron, ids.first, "always"),
      edge("job", ids.first, ids.second, "on_job_success"),
      edge("job", ids.first, ids.caught, "on_job_failure"),
    ],
  };
}

export const resolvesAll = { resolveAdaptor: async () => ({ version: "3.3.4" }) };

/** A workflow with the caller's draft of it, which `change` makes different from the saved version. */
export async function testDraft(
  ctx: Context,
  change: (graph: DraftGraph) => DraftGraph = (graph) => graph,
): Promise<{ ids: TestIds; workflowId: string; draftId: string; testId: string; graph: DraftGraph }> {
  const ids = testIds();
  const saved = await saveWorkflow(
    ctx,
    { ...testGraph(ids), name: `Visits ${ids.first.slice(0, 8)}` },
    resolvesAll,
  );
  const graph = change(toDraft(saved.graph));
  const draft = await saveDraft(ctx, { workflowId: saved.id, revision: null, baseVersion: 1, graph });
  const [row] = await testDatabase().query<{ test_id: string }>("select test_id from drafts where id = $1", [
    draft.id,
  ]);
  return { ids, workflowId: saved.id, draftId: draft.id, testId: row?.test_id ?? "", graph };
}

/** What runs tests on the test run's database, with this runner. */
export const testHostOf = (runner: Runner, of: Partial<TestHost> = {}): TestHost => ({
  db: testDatabase().db,
  announce: () => {},
  runner: () => runner,
  credentials: credentialSource(testDatabase().db, { note: () => {} }),
  collectionsToken: ({ runId }) => `token of ${runId}`,
  ...resolvesAll,
  ...{ stepTimeoutMs: 1_000, memoryMb: 64, isStopping: () => false, beatMs: 20 },
  ...of,
});
