import type { Sql } from "@/db/client";
import { outliving } from "@/db/deadline";
import { coalesce } from "@/lib/coalesce";
import { log } from "@/lib/log";
import type { LiveTopic } from "@/lib/words";
import type { Bell } from "./bell";
import { channels, type LiveHint, maxEndedIds, maxHintIds, onlyRuns } from "./topics";

const quietMs = 100;

/**
 * PostgreSQL tells a notice after its commit, and has every notice's commit wait for the disk. What is told was committed
 * before, and what a crash takes is made up for like any lost notice: so this one does not wait.
 */
const notifySql = `with unsynced as materialized (select set_config('synchronous_commit', 'off', true))
select pg_notify($1, p) from unsynced, unnest($2::text[]) as p`;

/**
 * Tells other processes what happened, after the commit and apart from it: NOTIFY inside the hot transactions would
 * make every commit wait for one lock. Losing a notice costs a poll interval, nothing else.
 */
export class Notifier {
  readonly #hints = new Map<string, { hint: LiveHint; ids: Set<string> }>();
  #ended: string[] = [];
  readonly #ends = coalesce(() => this.#tellEnded());
  #areOnlyRuns = true;
  readonly #wakes = coalesce(() => this.#tellEngine());
  #liveTimer: NodeJS.Timeout | undefined;
  #wakeTimer: NodeJS.Timeout | undefined;
  readonly #sql: Sql;
  readonly #bell: Pick<Bell, "ring"> | undefined;

  /** With a bell, the engine of this machine hears it at once, and the others a notice that is shared for a moment. */
  constructor(sql: Sql, bell?: Pick<Bell, "ring">) {
    this.#sql = sql;
    this.#bell = bell;
  }

  /**
   * There are new outbox rows, perhaps all of them requests for runs. At most one notice is under way at a time; a burst shares
   * the next one.
   */
  wakeEngine(areRuns = false): void {
    this.#areOnlyRuns &&= areRuns;
    if (this.#bell?.ring(areRuns)) this.#wakeTimer ??= setTimeout(() => this.#wakes.ask(), quietMs);
    else this.#wakes.ask();
  }

  /** A run has ended that a sender may wait for. At once, and a burst shares the next notice. */
  tellEnded(runId: string): void {
    this.#ended.push(runId);
    this.#ends.ask();
  }

  /** Something that pages show changed, of everybody or of one person. Sent within 100 ms, together with whatever else changes until then. */
  touch(projectId: string, topic: LiveTopic, id: string, userId?: string): void {
    const key = `${projectId}/${topic}/${userId ?? ""}`;
    const whom = userId === undefined ? {} : { userId };
    const entry = this.#hints.get(key) ?? {
      hint: { projectId, topic, ids: [], ...whom },
      ids: new Set<string>(),
    };
    entry.ids.add(id);
    this.#hints.set(key, entry);
    this.#liveTimer ??= setTimeout(() => void this.flush(), quietMs);
  }

  /** Resolves when everything that was announced until now is on its way. For a process that closes its pool next. */
  async settle(): Promise<void> {
    if (this.#wakeTimer) this.#wakes.ask();
    await Promise.all([this.flush(), this.#wakes.idle(), this.#ends.idle()]);
  }

  /** Sends the hints that are waiting; called by the timer and at shutdown. */
  async flush(): Promise<void> {
    clearTimeout(this.#liveTimer);
    this.#liveTimer = undefined;
    const due = [...this.#hints.values()].map(({ hint, ids }) => ({
      ...hint,
      ids: ids.size > maxHintIds ? [] : [...ids],
    }));
    this.#hints.clear();
    if (due.length === 0) return;
    await this.#notify(
      channels.live,
      due.map((hint) => JSON.stringify(hint)),
    );
  }

  async #tellEngine(): Promise<void> {
    clearTimeout(this.#wakeTimer);
    this.#wakeTimer = undefined;
    const notice = this.#areOnlyRuns ? onlyRuns : "";
    this.#areOnlyRuns = true;
    await this.#notify(channels.outbox, [notice]);
  }

  async #tellEnded(): Promise<void> {
    const ids = this.#ended;
    this.#ended = [];
    const notices: string[] = [];
    for (let at = 0; at < ids.length; at += maxEndedIds)
      notices.push(ids.slice(at, at + maxEndedIds).join(","));
    await this.#notify(channels.ended, notices);
  }

  async #notify(channel: string, payloads: string[]): Promise<void> {
    try {
      await outliving(() => this.#sql.query(notifySql, [channel, payloads], "notify"));
    } catch (error) {
      log.debug("a notice was lost; polling makes up for it", { channel, error });
    }
  }
}
