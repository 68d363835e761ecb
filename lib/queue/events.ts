import { z } from "zod";
import type { OutboxEventName } from "@/lib/words";

/**
 * What each event of the outbox carries: ids only, never payloads. Engines of the release before may still have some in
 * flight, so a later field is optional.
 */
export const eventData = {
  /** A run is committed and waits. Its event has the run's id, so sending twice is harmless; so has each hand-back its own. */
  "run/requested": z.object({
    runId: z.string(),
    projectId: z.string(),
    workflowId: z.string(),
    /** Seconds by which it goes ahead of others (reference: inngest, priority). */
    priority: z.number(),
    /** What it queues in, one at a time; see inngest/lanes.ts, which sets it on the way to the engine. */
    lane: z.string().optional(),
    /** How often it was handed back to the queue, this time included. */
    again: z.number().optional(),
    /** It had begun when it was handed back, and whoever has it no more may still be standing in its lane. */
    skipsLane: z.boolean().optional(),
    /** It waits on purpose, for a step's next attempt: not to be delivered earlier. Milliseconds since the epoch. */
    notBefore: z.number().optional(),
  }),
  /** A workflow or a project goes on after a pause: what was held may be asked for. */
  "runs/resumed": z.object({ projectId: z.string() }),
  /** Somebody cancelled a run that runs. It names its project, so that the engine's memory of it can be found. */
  "run/cancelled": z.object({ runId: z.string(), projectId: z.string().optional() }),
  /** Something is to be drained or purged; what, the rows say. It names nothing, because its own traces stay. */
  "deletion/requested": z.object({}),
  /** A bulk act has something to do. It names its project, so that the engine's memory of it can be found. */
  "bulk/requested": z.object({ actId: z.string(), projectId: z.string(), turn: z.number() }),
  /** Notices are due; which, the rows say. */
  "notices/requested": z.object({}),
  /** Runs failed, or what had failed was run again: issues are to be looked after (lib/domain/issue). */
  "issues/requested": z.object({}),
  /** A search for a person's data, or its wiping, goes on. It names its project for the same reason. */
  "person/requested": z.object({ requestId: z.string(), projectId: z.string(), turn: z.number() }),
  /** A test of a draft waits. It is run once, by whoever is first (lib/domain/test-run). */
  "test/requested": z.object({ testId: z.string(), projectId: z.string() }),
} as const satisfies Record<OutboxEventName, z.ZodType>;

export type EventData<N extends OutboxEventName> = z.infer<(typeof eventData)[N]>;

/** SQL for each field that an event must have, and for those that it may. */
type Expressions<T> = { [K in keyof T as undefined extends T[K] ? never : K]: string } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: string;
};

/**
 * Columns `project_id, event, data` of an outbox row, whose project and fields are SQL expressions. The only builder of
 * such rows.
 */
export const outboxRow = <N extends OutboxEventName>(
  projectId: string,
  name: N,
  fields: Expressions<EventData<N>>,
): string =>
  `${projectId}, '${name}', jsonb_build_object(${Object.entries(fields)
    .map(([field, expression]) => `'${field}', ${expression}`)
    .join(", ")})`;

/** A run that was asked for by a person goes before what arrived in this many seconds before it. */
const headStartSeconds = 100;
/** And one that had begun before what arrived in these: Inngest allows no more. */
const begunHeadStartSeconds = 600;

/** What a bulk act queued goes behind what arrives in these after it. */
const bulkDelaySeconds = 300;

/** Every head start there is, the largest first: within one of them runs go in the order in which they came. */
export const headStarts = [begunHeadStartSeconds, headStartSeconds, 0, -bulkDelaySeconds] as const;

/** SQL for the one of `headStarts` that an event's data asks for; null of other events. */
export const headStartOf = (data: string): string => {
  const asked = `coalesce((${data}->>'priority')::float8, 0)`;
  const cases = headStarts.slice(0, -1).map((seconds) => `when ${asked} >= ${seconds} then ${seconds}`);
  return `case when event = 'run/requested' then case ${cases.join(" ")} else ${headStarts.at(-1)} end end`;
};

/** Seconds by which a run goes ahead, as SQL over the column with its priority. */
const headStart = (priority: string) =>
  `case ${priority} when 'immediate' then ${headStartSeconds} when 'bulk' then -${bulkDelaySeconds} else 0 end`;

const requestFields = (runs: string) => ({
  runId: `${runs}.id`,
  projectId: `${runs}.project_id`,
  workflowId: `${runs}.workflow_id`,
  priority: headStart(`${runs}.priority`),
});

/** The outbox row that asks engines for a run; `runs` is the alias of a row with id, project_id, workflow_id, priority. */
export const requestOf = (runs: string): string =>
  outboxRow(`${runs}.project_id`, "run/requested", requestFields(runs));

/** The one that asks for a run that has waited; it may have been asked for before. `runs` has asked_again, too. */
export const requestNextOf = (runs: string): string =>
  outboxRow(`${runs}.project_id`, "run/requested", { ...requestFields(runs), again: `${runs}.asked_again` });

const againFields = (runs: string) => ({
  ...requestFields(runs),
  priority: `case when ${runs}.state = 'running' then ${begunHeadStartSeconds} else ${headStart(`${runs}.priority`)} end`,
  again: `${runs}.asked_again`,
});

/**
 * The one that asks for a run once more; `runs` has state and asked_again, too. `hasLeft` is SQL for whether the function
 * that had it has ended, so that nobody stands in its lane.
 */
export const requestAgainOf = (runs: string, hasLeft = "false"): string =>
  outboxRow(`${runs}.project_id`, "run/requested", {
    ...againFields(runs),
    skipsLane: `${runs}.state = 'running' and not ${hasLeft}`,
  });

/**
 * The one that asks for a run, which has retry_at besides, when that is over. The function that had it ends with this. It has
 * one more column, `not_before`.
 */
export const requestLaterOf = (runs: string): string =>
  `${outboxRow(`${runs}.project_id`, "run/requested", {
    ...againFields(runs),
    notBefore: `ceil(extract(epoch from ${runs}.retry_at) * 1000)`,
  })}, ${runs}.retry_at`;
