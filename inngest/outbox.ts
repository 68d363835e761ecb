import type { Database, Sql } from "@/db/client";
import { asWork } from "@/db/deadline";
import { statement } from "@/db/statement";
import { coalesce } from "@/lib/coalesce";

export type OutboxEvent = {
  id: string;
  name: string;
  data: Record<string, unknown>;
  /** Milliseconds since the epoch: it is not delivered earlier. Absent = at once. */
  ts?: number;
};
type OutboxRow = { id: string; event: string; data: Record<string, unknown>; created_at: Date };
type TakenRow = OutboxRow & {
  project_id: string | null;
  share: number;
  isMore: boolean;
  last: string | null;
};

const defaultBatch = 500;
/** Cancellations wait for no turn: somebody looks at the run, and its project may have much that waits. */
const urgentAtOnce = 100;
/** After failures. Senders wait for what is in here, so it is not long. */
const longestPauseMs = 5_000;

export type OutboxOptions = {
  database: Database;
  /** Hands a batch over. It runs inside the transaction that deletes the rows: what throws keeps them. */
  send: (events: OutboxEvent[], sql: Sql) => Promise<void>;
  afterCommit?: () => void;
  /**
   * The events go into the same database: a crash that takes the commit back brings the rows back with it. Requests for runs
   * stay: they are claimed from the outbox itself (inngest/lane).
   */
  isEmbedded?: boolean;
  batch?: number;
  pollMs?: number;
  onError?: (error: unknown) => void;
};

/**
 * A run is requested once, and once for each time that it was handed back, whoever asks how often; other events are told
 * apart by their row.
 */
const eventId = ({ id, event, data, created_at }: OutboxRow): string =>
  event === "run/requested" && typeof data.runId === "string"
    ? requestId(data.runId, data.again)
    : `outbox-${id}-${created_at.getTime()}`;

/** Both engines keep an event of later until then, and give it no place meanwhile. */
const laterOf = ({ data: { notBefore } }: OutboxRow): Pick<OutboxEvent, "ts"> =>
  typeof notBefore === "number" ? { ts: notBefore } : {};

/** Where projects' turns go on: behind the one that the last batch ended with. */
export type Turn = { after: string; isMore: boolean };

const beforeAll = "00000000-0000-0000-0000-000000000000";
/** A dispatcher's turn before its first batch. */
export const firstTurn = (): Turn => ({ after: beforeAll, isMore: false });

/** The projects that follow `after` among those that have rows: a step of their index each, however many rows there are. */
const walk = (name: string, from: string, bound: string, batch: string, which: string) => `
${name} (project_id, place) as (
  (select o.project_id, 1 from outbox o where ${from} and ${which} order by o.project_id limit 1)
  union all
  select next.project_id, ${name}.place + 1 from ${name} cross join lateral (
    select o.project_id from outbox o where o.project_id > ${name}.project_id and ${bound} and ${which} order by o.project_id limit 1
  ) next
  where ${name}.place < ${batch}
)`;

/** The name of the event that asks for a run, the first time or after it was handed back `again` times. */
export const requestId = (runId: string, again: unknown): string =>
  typeof again === "number" && again > 0 ? `${runId}/${again}` : runId;

/**
 * Takes the oldest rows of each project that has any, an equal share of the batch each. Rows without a project, which the
 * release before wrote, take part as one more. What it reads grows with the batch, not with what waits.
 */
const takeOf = (which: string, leftOver = "") =>
  statement<{ batch: number; after: string; commits: "off" | "on" }>(
    (p) => `/* all tenants: in turns */
with recursive ${walk("ahead", `o.project_id > ${p.after}::uuid`, "true", `${p.batch}::int`, which)},
${walk(
  "behind",
  `o.project_id <= ${p.after}::uuid and (select count(*) from ahead) < ${p.batch}::int`,
  `o.project_id <= ${p.after}::uuid`,
  `${p.batch}::int`,
  which,
)},
turns as materialized (
  select * from (
    select project_id, place from ahead union all select project_id, ${p.batch}::int + place from behind
  ) waiting order by place limit ${p.batch}::int
),
shares as materialized (
  select greatest(1, ${p.batch}::int / greatest(1, projects + nameless)) as share, projects >= ${p.batch}::int as "isMore"
  from (select count(*)::int as projects from turns) t,
    (select count(*)::int as nameless from (select 1 from outbox where project_id is null and ${which} limit 1) o) n
),
mine as (
  select o.id from turns cross join lateral (
    select id from outbox where (project_id, id) > (turns.project_id, 0) and project_id <= turns.project_id and ${which}
    order by project_id, id limit (select share from shares) for update skip locked
  ) o
),
nobodys as (
  select id from outbox where project_id is null and ${which} order by project_id, id limit (select share from shares)
  for update skip locked
),
urgent as (
  select id from outbox where event = 'run/cancelled' order by id limit ${urgentAtOnce} for update skip locked
)${leftOver && `, left_over as (${leftOver})`}
delete from outbox where id = any(array(select id from mine union all select id from nobodys union all select id from urgent
  ${leftOver && "union all select id from left_over"}))
returning id, project_id, event, data, created_at, (select share from shares), (select "isMore" from shares),
  (select project_id from turns order by place desc limit 1) as last, set_config('synchronous_commit', ${p.commits}, true)`,
  );

/** What embedded engines had in hand that were here before. */
const leftOver = `/* all tenants: whoever is left */ select id from outbox where held_by is not null limit ${urgentAtOnce} for update skip locked`;

const takeAll = takeOf("held_by is null", leftOver);
const takeEvents = takeOf("event <> 'run/requested'");

/**
 * Sends one batch of outbox rows and deletes them in the same transaction; returns how many. Projects take turns: each
 * that waits has an equal share of the batch, its oldest rows, and where there are more projects than a batch has rows the
 * next one goes on where this ended (`turn`, which is changed). Rows that another dispatcher has in hand are skipped.
 */
export async function dispatchOutbox(
  { database, send, isEmbedded, batch = defaultBatch }: OutboxOptions,
  turn: Turn = firstTurn(),
): Promise<number> {
  return database.transaction(async (sql) => {
    const take = isEmbedded ? takeEvents : takeAll;
    const values = take.values({ batch, after: turn.after, commits: isEmbedded ? "off" : "on" });
    const rows = await sql.query<TakenRow>(
      take.text,
      values,
      isEmbedded ? "outbox.take-events" : "outbox.take",
    );
    turn.isMore = isMore(rows);
    if (rows.length === 0) return 0;
    rows.sort((a, b) => Number(a.id) - Number(b.id));
    await send(
      rows.map((row) => ({ id: eventId(row), name: row.event, data: row.data, ...laterOf(row) })),
      sql,
    );
    turn.after = rows[0]?.last ?? beforeAll;
    return rows.length;
  });
}

/** Whether somebody's share was used up. What came since brings its own notice. */
function isMore(rows: TakenRow[]): boolean {
  const taken = new Map<string | null, number>();
  for (const { project_id } of rows) taken.set(project_id, (taken.get(project_id) ?? 0) + 1);
  return rows.some((row) => row.isMore || (taken.get(row.project_id) ?? 0) >= row.share);
}

/** Keeps the outbox empty: woken by NOTIFY, and by polling in case a notice was lost. */
export class OutboxDispatcher {
  readonly #options: OutboxOptions;
  readonly #drains = coalesce(() => this.#drain());
  #timer: NodeJS.Timeout | undefined;
  readonly #turn = firstTurn();
  #failures = 0;
  #isStopped = true;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#drains.idle();
  }

  wake(): void {
    if (!this.#isStopped) this.#drains.ask();
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    try {
      const sent = await asWork({ kind: "pulse" }, () => dispatchOutbox(this.#options, this.#turn));
      this.#failures = 0;
      if (sent > 0) this.#options.afterCommit?.();
      if (this.#turn.isMore) this.wake();
    } catch (error) {
      this.#failures++;
      this.#options.onError?.(error);
    }
    const pollMs = (this.#options.pollMs ?? 1000) * (0.8 + Math.random() * 0.4);
    const delay = this.#failures > 0 ? Math.min(longestPauseMs, 250 * 2 ** this.#failures) : pollMs;
    if (!this.#isStopped) this.#timer = setTimeout(() => this.wake(), delay);
  }
}
