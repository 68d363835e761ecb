import { z } from "zod";
import { actorUserId, type Context } from "@/lib/domain/context";
import { revision } from "@/lib/domain/draft/schemas";
import { type Mask, maskFor } from "@/lib/domain/mask/mask";
import { veiledRequests } from "@/lib/domain/mask/veiled";
import { requirePermission } from "@/lib/domain/permissions";
import { getMessageBytes, getMessageState } from "@/lib/domain/run/payloads";
import { recordedLimits, shownOutput, storedCredential } from "@/lib/domain/run/trial";
import { clientUuid } from "@/lib/domain/workflow/schemas";
import { write } from "@/lib/domain/write";
import type { DraftGraph } from "@/lib/editor/graph";
import { toDraft } from "@/lib/editor/graph";
import { limits } from "@/lib/limits";
import { conflict, notFound } from "@/lib/refusal";
import { compare, isSame, type RanJob } from "./compare";
import type { TestHost } from "./host";
import { type OwnDraft, ownDraft } from "./own-draft";
import { pinsOfDraft } from "./pins";
import { savedGraph } from "./saved-graph";
import type { Replayed } from "./types";
import { type TestEnd, walkTest } from "./walk-test";
import { type Walkable, walkable } from "./walkable";

export const replayInput = z.strictObject({
  revision,
  messageIds: z.array(clientUuid).min(1).max(limits.replayBatch),
  triggerId: clientUuid.optional().meta({
    description: "Where both versions start; without it, at the draft's first trigger that takes messages.",
  }),
});
const whole = replayInput.extend({ workflowId: clientUuid });

type Deps = Pick<TestHost, "runner" | "resolveAdaptor" | "memoryMb"> & {
  signal?: AbortSignal;
  /** For one call, milliseconds: messages that it does not come to are told. */
  budgetMs?: number;
};

const usualBudgetMs = 120_000;
/** Who has one under way in this process. */
const underWay = new Set<string>();

/**
 * Runs the saved version and the caller's draft of a workflow on messages, requests recorded, and says what differs. Nothing is
 * stored but the audit event. Throws `not_found`, `conflict` for a draft that was saved since and while another replay of the
 * same person runs, `unavailable`.
 */
export async function replayDraft(ctx: Context, input: z.input<typeof whole>, deps: Deps): Promise<Replayed> {
  requirePermission(ctx, "run.start");
  const asked = whole.parse(input);
  const who = actorUserId(ctx.actor) ?? ctx.project.id;
  if (underWay.has(who))
    throw conflict("Another replay of yours is still running. Wait for it to end, or stop it.");
  underWay.add(who);
  try {
    return await replay(ctx, asked, deps);
  } finally {
    underWay.delete(who);
  }
}

async function replay(ctx: Context, asked: z.output<typeof whole>, deps: Deps): Promise<Replayed> {
  const draft = await ownDraft(ctx, ctx.db, asked.workflowId);
  if (draft.revision !== asked.revision)
    throw conflict("Your draft was saved since. Replay it as it is now.", { revision: draft.revision });
  const saved = await savedGraph(ctx, asked.workflowId);
  const triggerId = asked.triggerId ?? usualTrigger(draft.graph);
  const sides = {
    before: await sideOf(ctx, toDraft(saved.graph), triggerId, draft, deps),
    after: await sideOf(ctx, draft.graph, triggerId, draft, deps),
  };
  const { before, after } = sides;
  if (!after) throw notFound("The trigger");
  await write(ctx, "run.start", async () => ({
    result: undefined,
    audit: {
      event: "test.replay",
      itemId: asked.workflowId,
      after: {
        revision: asked.revision,
        lockVersion: saved.lockVersion,
        messages: asked.messageIds.length,
        triggerId,
      },
    },
    changed: null,
  }));
  const mask = await maskFor(ctx);
  const endsAt = performance.now() + (deps.budgetMs ?? usualBudgetMs);
  const items: Replayed["items"] = [];
  for (const messageId of asked.messageIds) {
    const of = { ctx, deps, messageId, mask };
    const late = deps.signal?.aborted || performance.now() > endsAt;
    items.push(late ? untold(messageId, notReached) : await compareOn(of, { before, after }));
  }
  return { items, lockVersion: saved.lockVersion };
}

const notReached = "There was no time left for it in this call. Ask for it again.";

type Side = { walk: Walkable; triggerId: string; onlyHosts: string[] | null };
type Sides = { before: Side | null; after: Side };

/** The first that takes messages and leads somewhere, else the first of all. */
function usualTrigger(graph: DraftGraph): string {
  const [first, ...others] = graph.triggers.filter(
    ({ type }) => type === "message_filter" || type === "webhook",
  );
  const leading = [first, ...others].find(
    (one) => one && graph.edges.some((edge) => edge.sourceTriggerId === one.id),
  );
  const trigger = leading ?? first ?? graph.triggers[0];
  if (!trigger) throw conflict("The draft has no trigger to start at. Add one first.");
  return trigger.id;
}

/** A version, ready to be walked from the trigger; null where it does not have it. */
async function sideOf(
  ctx: Context,
  graph: DraftGraph,
  triggerId: string,
  { onlyHosts }: Pick<OwnDraft, "onlyHosts">,
  { resolveAdaptor }: Deps,
): Promise<Side | null> {
  if (!graph.triggers.some(({ id }) => id === triggerId)) return null;
  const pins = await pinsOfDraft(ctx, graph, { triggerId }, resolveAdaptor);
  return { walk: walkable(graph, pins), triggerId, onlyHosts };
}

type On = { ctx: Context; deps: Deps; messageId: string; mask: Mask | null };
type Item = Replayed["items"][number];

const untold = (messageId: string, problem: string): Item => ({
  ...{ messageId, problem, before: null, after: null, changes: [], unsteady: [] },
});

async function compareOn(on: On, { before, after }: Sides): Promise<Item> {
  const { ctx, messageId } = on;
  const text = await getMessageState(ctx, messageId);
  if (text === null)
    return untold(messageId, "The message is not there any more, or what it said was wiped.");
  const is = await walked(on, after, text);
  if (!before) return { ...untold(messageId, noTrigger), after: endOf(is.end) };
  const was = await walked(on, before, text);
  const first = isSame(was.jobs, is.jobs) ? null : await walked(on, before, text);
  const { changes, unsteady } = first
    ? compare(was.jobs, is.jobs, first.jobs)
    : { changes: [], unsteady: [] };
  return { messageId, problem: null, before: endOf(was.end), after: endOf(is.end), changes, unsteady };
}

const noTrigger = "The saved version does not have this trigger, so there is nothing to compare with.";

const endOf = ({ state, errorType, errorMessage }: TestEnd) => ({ state, errorType, errorMessage });

/** Walks one version on a message, and keeps what it came to as whoever asked may see it. */
async function walked(
  { ctx, deps, messageId, mask }: On,
  { walk, triggerId, onlyHosts }: Side,
  text: string,
) {
  const jobs: RanJob[] = [];
  const id = `replay-${crypto.randomUUID()}`;
  const end = await walkTest({
    ...{ id, projectId: ctx.project.id, graph: walk.graph, broken: walk.broken, start: { triggerId } },
    ...{ input: { text, hidden: [], shown: text }, isRecorded: true, onlyHosts },
    limits: { ...recordedLimits, memoryMb: deps.memoryMb },
    runner: deps.runner(),
    credentialOf: (job, state) => storedCredential(ctx.db, ctx.project.id, job, state),
    collectionsToken: id,
    bytes: () => getMessageBytes(ctx, messageId),
    signal: deps.signal ?? new AbortController().signal,
    onEnded: async ({ job, result }) => {
      jobs.push({
        ...{ jobId: job.id, jobName: job.name, reason: result.reason, errorType: result.error?.type ?? null },
        ...{ output: shownOutput(result), requests: result.requests ?? [] },
      });
    },
  });
  return mask ? veiled(mask, messageId, { end, jobs }) : { end, jobs };
}

async function veiled(mask: Mask, messageId: string, { end, jobs }: { end: TestEnd; jobs: RanJob[] }) {
  const of = await mask.veil({ messageId });
  if (of.isOpen) return { end, jobs };
  const own = mask.ownOf(jobs.flatMap(({ output }) => output ?? []));
  const text = (value: string | null) => value && own.text(of.text(value));
  return {
    end: { ...end, errorType: text(end.errorType), errorMessage: text(end.errorMessage) },
    jobs: jobs.map((job) => ({
      ...job,
      errorType: text(job.errorType),
      output: job.output && own.state(of.state(job.output)),
      requests: veiledRequests(own, veiledRequests(of, [...job.requests])),
    })),
  };
}
