import type { Database } from "@/db/client";
import { log } from "@/lib/log";
import { outboxRow } from "@/lib/queue/events";

/** Failures come in heaps: the first one waits a moment for the others, and the next ones wait longer. */
const gatherMs = 300;
const pauseMs = 1_000;

/** One row, whatever there is to do: it is in the outbox once at most. */
const ask = `
insert into outbox (project_id, event, data)
select ${outboxRow("null::uuid", "issues/requested", {})}
where not exists (select 1 from outbox where event = 'issues/requested')`;

/**
 * Asks for issues to be looked after, at most once a second however often it is called. An answer is nobody's to wait for, and
 * one that is lost costs a minute.
 */
export function askForIssues(database: Database): () => void {
  let isPending = false;
  let lastAt = Number.NEGATIVE_INFINITY;
  const send = async () => {
    lastAt = performance.now();
    isPending = false;
    try {
      await database.query(ask);
    } catch (error) {
      log.warn("Nobody was asked to look after issues; somebody does each minute", { error });
    }
  };
  return () => {
    if (isPending) return;
    isPending = true;
    const waitMs = Math.max(gatherMs, lastAt + pauseMs - performance.now());
    setTimeout(() => void send(), waitMs).unref();
  };
}
