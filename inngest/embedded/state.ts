import type { EngineEvent } from "./protocol";

/** Rows as the functions of schema-functions.ts return them. */

export type RunRow = {
  id: string;
  fn: string;
  events: EngineEvent[];
  status: "running" | "completed" | "failed" | "cancelled";
  /** Finished steps, in the order in which they finished. */
  stack: string[];
  /** "Plan everything first": the SDK reported more than one step at once. */
  planned: boolean;
  /** Request version that the SDK answered with; -1 until the first answer. */
  version: number;
};

export type KnownStep = { op: string; done: boolean };
export type LockedRun = RunRow & { steps: Record<string, KnownStep> };

/** One claimed call: run `step` of the function ("step" = look at the function again). */
export type Item = {
  id: string;
  step: string;
  attempt: number;
  lost: number;
  gen: number;
  run: RunRow;
  /** Values of finished steps. */
  steps: Record<string, unknown>;
};

/** Id of what belongs to one step: its queue item, its timer. */
export const stepKey = (runId: string, stepId: string): string => `${runId}|${stepId}`;

/** The run's first event; runs always have one. */
export function triggerOf(run: RunRow): EngineEvent {
  const first = run.events[0];
  if (!first) throw new Error(`Run ${run.id} has no event.`);
  return first;
}
