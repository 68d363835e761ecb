import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import { actorUserId, type Context } from "@/lib/domain/context";
import { personOf } from "@/lib/domain/draft/owner";
import { maskFor } from "@/lib/domain/mask/mask";
import { requirePermission } from "@/lib/domain/permissions";
import { getMessageBytes } from "@/lib/domain/run/payloads";
import { recordedLimits, shownOutput, storedCredential } from "@/lib/domain/run/trial";
import { write } from "@/lib/domain/write";
import { toDraft } from "@/lib/editor/graph";
import { conflict, Refusal } from "@/lib/refusal";
import { GoneError } from "@/lib/state/kept";
import { testPlace } from "./cancel";
import { compare, isSame, type RanJob } from "./compare";
import { getTest } from "./get";
import type { TestHost } from "./host";
import { openTestInput } from "./open-input";
import { pinsOfDraft } from "./pins";
import { savedGraph } from "./saved-graph";
import { replayed, type TestRun } from "./types";
import { type ShownState, walkTest } from "./walk-test";
import { type Walkable, walkable } from "./walkable";

const { problem, changes, unsteady } = replayed.shape.items.element.shape;

export const comparedTest = z
  .strictObject({ problem, changes, unsteady, lockVersion: replayed.shape.lockVersion })
  .meta({ id: "ComparedTest" });
type ComparedTest = z.infer<typeof comparedTest>;

type Deps = Pick<TestHost, "runner" | "resolveAdaptor" | "memoryMb"> & { signal?: AbortSignal };

/** Who has one under way in this process. */
const underWay = new Set<string>();

/**
 * Runs the saved version on what a test of the caller's began with, at the same place, requests recorded, and says what the
 * test came to otherwise. Nothing is stored but the audit event. Throws `not_found`, `conflict` while the test, or another
 * comparison of the same person, is under way.
 */
export async function compareTest(
  ctx: Context,
  input: z.input<typeof testPlace>,
  deps: Deps,
): Promise<ComparedTest> {
  requirePermission(ctx, "run.start");
  const place = testPlace.parse(input);
  const test = await getTest(ctx, place);
  if (test.finishedAt === null) throw conflict("This test is still under way. Compare it when it is over.");
  const saved = await savedGraph(ctx, place.workflowId);
  const answer = (of: Omit<ComparedTest, "lockVersion">) => ({ ...of, lockVersion: saved.lockVersion });
  const why = await whyNot(ctx, test, saved.graph);
  if (why !== null) return answer({ problem: why, changes: [], unsteady: [] });
  const who = actorUserId(ctx.actor) ?? ctx.project.id;
  if (underWay.has(who)) throw conflict("Another comparison of yours is still running. Wait for it to end.");
  underWay.add(who);
  try {
    const state = await inputOf(ctx, test, saved.graph);
    if (typeof state === "string") return answer({ problem: state, changes: [], unsteady: [] });
    await write(ctx, "run.start", async () => ({
      result: undefined,
      audit: {
        event: "test.replay",
        itemId: place.workflowId,
        after: { testId: test.id, lockVersion: saved.lockVersion },
      },
      changed: null,
    }));
    const start = startOf(test);
    const draft = toDraft(saved.graph);
    const walk = walkable(draft, await pinsOfDraft(ctx, draft, start, deps.resolveAdaptor));
    const run = () => walked({ ctx, deps, test, walk, state });
    const [was, is] = [await run(), ranBy(test)];
    const found = isSame(was, is) ? { changes: [], unsteady: [] } : compare(was, is, await run());
    return answer({ problem: null, ...found });
  } finally {
    underWay.delete(who);
  }
}

type Graph = Parameters<typeof toDraft>[0];

/** Why the two cannot be told apart; null: they can. */
async function whyNot(ctx: Context, test: TestRun, { triggers, jobs }: Graph): Promise<string | null> {
  if (test.mode === "send")
    return "This test really sent, and was really answered. Test it with recorded requests to compare.";
  if (test.steps.some(({ isCut }) => isCut)) return "Not all of this test is kept, so it is not compared.";
  const isThere =
    test.jobId === null
      ? triggers.some(({ id }) => id === test.triggerId)
      : jobs.some(({ id }) => id === test.jobId);
  if (!isThere)
    return "The saved version does not have what this test begins at, so there is nothing to compare with.";
  const mask = await maskFor(ctx);
  if (!mask) return null;
  const isOpen = test.messageId !== null && (await mask.veil({ messageId: test.messageId })).isOpen;
  return isOpen ? null : "Something of it may be masked for your role, so it is not compared.";
}

const startOf = ({ triggerId, jobId, alone }: TestRun) =>
  jobId === null ? { triggerId: triggerId ?? "" } : { jobId, alone };

/** What the test began with, as its jobs got it; a sentence when it is not there any more. */
async function inputOf(ctx: Context, test: TestRun, graph: Graph): Promise<ShownState | string> {
  const [row] = await rows<{ input: string | null }>(
    ctx.db,
    sql`select t.input from test_runs t join drafts d on d.id = t.draft_id
        where t.id = ${test.id}::uuid and t.project_id = ${ctx.project.id}::uuid and d.user_id = ${personOf(ctx)}::uuid`,
  );
  try {
    return await openTestInput(ctx, { ...test, input: row?.input ?? null }, graph);
  } catch (error) {
    if (error instanceof GoneError || error instanceof Refusal)
      return `What this test began with is not there any more. ${error.message}`;
    throw error;
  }
}

const ranBy = ({ steps }: TestRun): RanJob[] =>
  steps.flatMap(({ jobId, jobName, reason, error, output, requests }) =>
    reason === null ? [] : [{ jobId, jobName, reason, errorType: error?.type ?? null, output, requests }],
  );

type Walking = { ctx: Context; deps: Deps; test: TestRun; walk: Walkable; state: ShownState };

async function walked({ ctx, deps, test, walk, state }: Walking): Promise<RanJob[]> {
  const jobs: RanJob[] = [];
  const id = `replay-${crypto.randomUUID()}`;
  await walkTest({
    ...{ id, projectId: ctx.project.id, graph: walk.graph, broken: walk.broken, start: startOf(test) },
    ...{ input: state, isRecorded: true, onlyHosts: null },
    limits: { ...recordedLimits, memoryMb: deps.memoryMb },
    runner: deps.runner(),
    credentialOf: (job, of) => storedCredential(ctx.db, ctx.project.id, job, of),
    collectionsToken: id,
    bytes: async () => (test.messageId === null ? null : getMessageBytes(ctx, test.messageId)),
    signal: deps.signal ?? new AbortController().signal,
    onEnded: async ({ job, result }) => {
      jobs.push({
        ...{ jobId: job.id, jobName: job.name, reason: result.reason, errorType: result.error?.type ?? null },
        ...{ output: shownOutput(result), requests: result.requests ?? [] },
      });
    },
  });
  return jobs;
}
