import type { Database, Sql } from "@/db/client";
import { startFunction } from "./ingest";
import { persist } from "./persist";
import { completeEvent } from "./protocol";
import { type Core, editRun } from "./runs";
import { nextCron } from "./time";

type TimerRow = {
  id: string;
  run_id: string | null;
  fn: string;
  kind: "sleep" | "cron";
  step: string;
  due_at: Date;
};

const cronId = (fn: string, line: string) => `cron|${fn}|${line}`;

/** Makes the cron timers those of the served functions. A line that is new fires at its next time, not at once. */
export async function planCrons(database: Database, core: Core): Promise<void> {
  const wanted = [...core.index.byId.values()].flatMap((fn) => fn.crons.map((line) => ({ fn: fn.id, line })));
  await database.transaction(async (sql) => {
    await sql.query(
      `delete from ${core.schema}.timer where kind = 'cron' and fn = any($1) and not id = any($2)`,
      [core.index.ids, wanted.map((w) => cronId(w.fn, w.line))],
    );
    for (const { fn, line } of wanted) {
      await sql.query(
        `insert into ${core.schema}.timer (id, fn, kind, step, due_at) values ($1, $2, 'cron', $3, $4) on conflict (id) do nothing`,
        [cronId(fn, line), fn, line, nextCron(line)],
      );
    }
  });
}

/** Fires what is due, oldest first, each in its own transaction. Returns how many could be fired. */
export async function fireTimers(
  database: Database,
  core: Core,
  onError: (error: unknown, where: string) => void,
  limit = 200,
): Promise<number> {
  const due = await database.query<TimerRow>(
    `select id, run_id, fn, kind, step, due_at from ${core.schema}.timer
      where due_at <= clock_timestamp() and fn = any($2) order by due_at limit $1`,
    [limit, core.index.ids],
    `${core.schema}.due`,
  );
  let at = 0;
  let fired = 0;
  const worker = async () => {
    for (let timer = due[at++]; timer; timer = due[at++]) {
      const mine = timer;
      await persist(() => fire(database, core, mine), 0).then(
        () => fired++,
        (error: unknown) => onError(error, `timer ${mine.kind}`),
      );
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return fired;
}

function fire(database: Database, core: Core, timer: TimerRow): Promise<void> {
  return database.transaction(async (sql) => {
    if (timer.kind === "cron") {
      // The comparison lets one engine of many win. What was missed while none ran fires once.
      const won = await sql.query(
        `update ${core.schema}.timer set due_at = $2 where id = $1 and date_trunc('milliseconds', due_at) = $3 and due_at <= clock_timestamp() returning id`,
        [
          timer.id,
          nextCron(timer.step, new Date(Math.max(Date.now(), timer.due_at.getTime()))),
          timer.due_at,
        ],
      );
      if (won.length > 0) await startCron(sql, core, timer);
      return;
    }
    if (timer.run_id === null) return;
    await editRun(sql, core, timer.run_id, null, (edit) => edit.wake(timer.step));
    // Waking removes the timer; what is left belongs to a run that is over or a step that is done.
    await sql.query(`delete from ${core.schema}.timer where id = $1`, [timer.id]);
  });
}

async function startCron(sql: Sql, core: Core, timer: TimerRow): Promise<void> {
  const fn = core.index.byId.get(timer.fn);
  if (!fn) return;
  const scheduledAt = timer.due_at.toISOString();
  const event = completeEvent({
    id: `${timer.id}|${scheduledAt}`,
    name: "inngest/scheduled.timer",
    data: { cron: timer.step, fireAt: new Date().toISOString(), scheduledAt },
    ts: timer.due_at.getTime(),
  });
  await startFunction(sql, core.schema, fn, event);
}
