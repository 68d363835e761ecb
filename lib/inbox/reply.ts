import type { Row } from "@/db/client";
import type { InboxAnswer } from "./answer";
import type { Awaited, Heard } from "./callers";
import { type Awaiting, endedAnswer, fullAnswer, lateAnswer } from "./ended-answer";
import { type EndedRun, maxAnswerBytes, repliesStatement } from "./reply-statement";
import type { TurnOf } from "./turns";

/** What answering needs of the inbox's host. */
export type ReplyHost = {
  query<T extends Row>(text: string, values: unknown[], name?: string): Promise<T[]>;
  /**
   * Does `work` in the turn of the URL's project, among all that share the process. Resolves to "full" when too many wait
   * for it, to "late" when it does not come within `ms`. Hosts without it share nothing.
   */
  turn?<T>(of: TurnOf, urlId: string, ms: number, work: () => Promise<T>): Promise<T | "full" | "late">;
  /**
   * Resolves when a run that a sender waits for has ended, to what it is answered from. Hosts without it ask for each sender
   * apart.
   */
  ended?(awaited: Awaited): Promise<Heard>;
  /** How long a sender waits for the end of a run, milliseconds; 30 s unless it is said. */
  replyMs?: number;
};

/**
 * Waits for the run's end, and answers what it came to (reference: platform §2.1, synchronous reply). The run goes on
 * whatever becomes of its sender. Never throws for an outage: then it is late.
 */
export async function replyTo(awaiting: Awaiting, host: ReplyHost): Promise<InboxAnswer> {
  const endsAt = performance.now() + (host.replyMs ?? usualReplyMs);
  const heard = await ended(awaiting, host, endsAt);
  if (heard === "full") return fullAnswer(awaiting);
  if (heard === "late" || heard === "gone") return lateAnswer(awaiting);
  if (!isLarge(heard)) return endedAnswer(awaiting, heard);
  return large(awaiting, host, endsAt);
}

const usualReplyMs = 30_000;

/** Hosts that share nothing ask by themselves. */
const pauseMs = 250;

async function ended(awaiting: Awaiting, host: ReplyHost, endsAt: number): Promise<Heard> {
  const { runId, projectId, signal } = awaiting;
  if (host.ended) return host.ended({ runId, projectId, ms: endsAt - performance.now(), signal });
  for (;;) {
    if (signal?.aborted) return "gone";
    const run = await load(host, runId, maxAnswerBytes).catch(() => undefined);
    if (run) return run;
    if (performance.now() + pauseMs >= endsAt) return "late";
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function load(host: ReplyHost, runId: string, bytes: number): Promise<EndedRun | undefined> {
  return (await host.query<EndedRun>(repliesStatement, [[runId], bytes], "inbox-replies"))[0];
}

/** Its data did not come along. */
const isLarge = ({ state, isSaid, data, isGone, bytes }: EndedRun): boolean =>
  (isSaid || state === "success") && data === null && !isGone && bytes <= maxAnswerBytes;

/**
 * A large answer costs memory until its sender has read it: only so many of a project, and of all, are loaded at once, and
 * a place is free again when the answer is sent.
 */
function large(awaiting: Awaiting, host: ReplyHost, endsAt: number): Promise<InboxAnswer> {
  const work = async (give: (answer: InboxAnswer) => void) => {
    const run = await load(host, awaiting.runId, maxAnswerBytes).catch(() => undefined);
    if (!run) return give(lateAnswer(awaiting));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, sendingMs);
      const sent = () => {
        clearTimeout(timer);
        resolve();
      };
      give({ ...endedAnswer(awaiting, run), sent });
    });
  };
  return new Promise((give) => {
    if (!host.turn) return void work(give);
    const leftMs = Math.max(1, endsAt - performance.now());
    void host
      .turn("answer", awaiting.urlId, leftMs, () => work(give))
      .then((word) => {
        if (word === "full" || word === "late") give(lateAnswer(awaiting));
      });
  });
}

/** Whoever takes longer to read an answer is not waited for. */
export const sendingMs = 30_000;
