import { isAnswerStatus } from "@/lib/workflow/answer-status";
import type { InboxAnswer } from "./answer";
import type { Manner } from "./manner";
import { type EndedRun, maxAnswerBytes } from "./reply-statement";

/** A sender who is answered when the run has ended. The message is committed: nothing of it is kept in memory. */
export type Awaiting = {
  urlId: string;
  projectId: string;
  workOrderId: string;
  runId: string;
  codes: Manner["codes"];
  /** What every answer about the message says. */
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
};

const withoutBody = new Set([204, 205, 304]);

/** What the run came to, in OpenFn's words. */
export function endedAnswer({ codes, headers, workOrderId }: Awaiting, run: EndedRun): InboxAnswer {
  const isSuccess = run.state === "success";
  const configured = isSuccess ? codes?.success_code : codes?.error_code;
  const status = run.replyStatus ?? (configured && isAnswerStatus(configured) ? configured : usualStatus);
  const meta = {
    work_order_id: workOrderId,
    run_id: run.id,
    state: run.state,
    error_type: run.errorType,
    inserted_at: instant(run.createdAt),
    started_at: instant(run.startedAt),
    // A run that is taken begins: one moment for both.
    claimed_at: instant(run.startedAt),
    finished_at: instant(run.finishedAt),
  };
  const body = withoutBody.has(status) ? "" : `{"data":${dataOf(run)},"meta":${JSON.stringify(meta)}}`;
  return { status, headers: { ...headers, ...uncached, ...json }, body };
}

/** For every final state, unless the trigger or a job says another. */
const usualStatus = 201;

function dataOf(run: EndedRun): string {
  if (run.data !== null) return run.data;
  if (run.state !== "success")
    return said(
      `Run completed with status: ${run.state}. As a security policy, OpenFn does not send state data when the run errors out to avoid leaking sensitive information`,
    );
  return said(
    run.isGone
      ? "Run completed, but its final state is not kept: it is too large. Set state.webhookResponse to answer a part of it."
      : `Run completed, but its final state has ${run.bytes} bytes, and an answer at most ${maxAnswerBytes}. Set state.webhookResponse to answer a part of it.`,
  );
}

const said = (message: string): string => JSON.stringify({ message });

const instant = (at: Date | string | null): string | null =>
  at === null ? null : new Date(at).toISOString();

const json = { "content-type": "application/json; charset=utf-8" };
const uncached = { "cache-control": "no-store" };

const error = (
  { headers, workOrderId }: Awaiting,
  status: number,
  words: Record<string, string>,
): InboxAnswer => ({
  status,
  headers: { ...headers, ...uncached, ...json },
  body: JSON.stringify({ ...words, work_order_id: workOrderId }),
});

export const lateAnswer = (awaiting: Awaiting): InboxAnswer =>
  error(awaiting, 504, { error: "timeout", message: "Workflow did not complete within timeout period" });

export const fullAnswer = (awaiting: Awaiting): InboxAnswer =>
  error(awaiting, 504, {
    error: "too_many_waiting",
    message:
      "Too many senders wait for an answer already. The message is stored, and its run goes on. Ask for it by its work order.",
  });
