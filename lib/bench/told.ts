import type pg from "pg";
import { database, openClient } from "@/db/client";
import { carryOutRetention } from "@/lib/domain/retention/retain";
import { keepAll } from "@/lib/domain/retention/settings";
import { env } from "@/lib/env";
import { outboxRow } from "@/lib/queue/events";
import { sqlJson } from "@/lib/sql-json";
import { toldStatuses } from "@/lib/words";
import { quantile } from "./load";
import { launcherOf, processorMs } from "./memory";
import { manyRuns } from "./purge";
import { oldId } from "./retention";
import { addWorkflow, createTarget, type Target } from "./setup";
import { addChannel, job, listen, load, messages, oneIn, type Rate, workflows } from "./told-load";

const rounds = 4;
const dayMs = 86_400_000;

/** Four workflows that fail now and then, and a project that has old messages. */
type Scene = { url: string; launcher: number; failing: Target; targets: Target[]; old: Target; left: Left[] };
/** Processor time that they took for a run when they did the same alone: issues and notices, and retention. */
type Care = { toldMs: number; wipedMs: number };
type Pair = { atWork: Rate; idle: Rate & Care };

/**
 * What issues, notices and retention cost runs together: as many messages with them at work and with nothing for them to do,
 * in turns. One message in twenty fails, in one of four workflows for a cause that is new each time, so that the owner (by mail),
 * a webhook and a Slack channel are told; and as many old messages as there are new ones are wiped. What failed while nobody
 * was to look after it is looked after before the next turn. Prints the ratios of each pair, and what was done.
 */
export async function measureTold(url: string, dataDir: string): Promise<void> {
  const listener = await listen();
  const holder = await openClient(env().DATABASE_URL ?? "");
  try {
    const scene = await createScene(url, launcherOf(dataDir), listener.port);
    await load(scene, "Warming up");
    await settle(scene);
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round++) {
      const measure = {
        atWork: () => whileAtWork(scene, causes[2 * round] ?? ""),
        idle: () => whileIdle(scene, causes[2 * round + 1] ?? "", holder),
      };
      // Whoever is second finds a larger database: each is first in turn.
      const first = round % 2 === 0 ? await measure.atWork() : null;
      const idle = await measure.idle();
      pairs.push({ idle, atWork: first ?? (await measure.atWork()) });
    }
    report(pairs);
    await account(scene, listener.received());
  } finally {
    await holder.end();
    listener.close();
  }
}

/** Numbers are folded in issues: causes are told apart by letters. */
const causes = [..."abcdefghij"].map((letter) => `Refused for cause ${letter}`);

async function createScene(url: string, launcher: number, port: number): Promise<Scene> {
  const failing = await createTarget("told", job);
  const targets = [failing];
  for (let n = 1; n < workflows; n++)
    targets.push({ ...failing, webhookPath: await addWorkflow(failing.ctx, `told ${n}`, job) });
  for (const type of ["webhook", "slack"])
    await addChannel(url, failing, type, `http://127.0.0.1:${port}/${type}`);
  const old = await createTarget("old", "fn(state => state);");
  const days = { success: 7, failure: 7 };
  // The bench carries it out itself, when it is its turn: the product's own minute finds nothing to do.
  await database().query(
    "update projects set retention = $2::jsonb, retains_from = now() + interval '1 day' where id = any($1::uuid[])",
    [
      [failing.projectId, old.projectId],
      sqlJson({ ...keepAll, messages: days, dataclips: days, logs: days }),
    ],
  );
  return { url, launcher, failing, targets, old, left: [] };
}

async function whileAtWork(scene: Scene, fault: string): Promise<Rate> {
  await makeOld(scene);
  let isOver = false;
  const measured = load(scene, fault).finally(() => {
    isOver = true;
  });
  while (!isOver && !(await wipeSome(scene, 1_000)));
  const rate = await measured;
  scene.left.push(await left(scene));
  await wipeAll(scene);
  await settle(scene);
  return rate;
}

/**
 * Nobody asks for issues while somebody has asked, and this is in a transaction's hands; what looks after them each minute
 * finds that it is another's turn. So no notices come either, and the retention rests.
 */
async function whileIdle(scene: Scene, fault: string, holder: pg.Client): Promise<Pair["idle"]> {
  for (let isHeld = false; !isHeld; ) {
    await holder.query(
      `insert into outbox (project_id, event, data) select ${outboxRow("null::uuid", "issues/requested", {})}`,
    );
    await holder.query("begin");
    const { rows } = await holder.query("select 1 from outbox where event = 'issues/requested' for update");
    isHeld = rows.length > 0;
    if (!isHeld) await holder.query("rollback");
  }
  await holder.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [
    `issues/${scene.failing.projectId}`,
  ]);
  const rate = await load(scene, fault);
  await makeOld(scene);
  // By the time that anything is old it has been vacuumed; and of what is wiped vacuum has its work.
  await vacuum();
  const wipedMs = await processorFor(scene, async () => {
    await wipeAll(scene);
    await vacuum();
  });
  const toldMs = await processorFor(scene, async () => {
    await holder.query("commit");
    await settle(scene);
  });
  return { ...rate, toldMs, wipedMs };
}

/** Processor time of `work` for each message, in milliseconds, less what an idle product and who looks at it take in as long. */
async function processorFor(scene: Scene, work: () => Promise<void>): Promise<number> {
  const [began, beganAt] = [spent(scene), Date.now()];
  await work();
  const [ended, endedAt] = [spent(scene), Date.now()];
  await new Promise((resolve) => setTimeout(resolve, endedAt - beganAt));
  const idleMs = (spent(scene) - ended) * ((endedAt - beganAt) / (Date.now() - endedAt));
  return (ended - began - idleMs) / messages;
}

/** Processor time of the product and of the bench, which wipes, in milliseconds. */
function spent({ launcher }: Scene): number {
  const { user, system } = process.cpuUsage();
  return processorMs(launcher) + (user + system) / 1_000;
}

/** As many messages of thirty days ago as are sent in a turn. */
const makeOld = ({ old }: Scene) => database().query(manyRuns(oldId), [old.projectId, messages]);

const vacuum = () => database().query("vacuum analyze messages, runs, steps, stored_states, log_lines");

async function wipeAll(scene: Scene): Promise<void> {
  while (!(await wipeSome(scene, 10_000)));
}

/** Returns whether nothing is left to wipe. */
const wipeSome = async ({ old }: Scene, budgetMs: number): Promise<boolean> =>
  (
    await carryOutRetention(database(), budgetMs, {
      now: new Date(Date.now() + 2 * dayMs),
      only: old.projectId,
    })
  ).isDone;

type Left = { failures: number; notices: number; messages: number };

/** As the work list's index has it: who waits looks often, and must cost little. */
const isUncollected = `state in (${toldStatuses.map((state) => `'${state}'`).join(", ")}) and issue_id is null`;

/** What is still to be looked after and sent. */
async function untold({ failing }: Scene): Promise<Omit<Left, "messages">> {
  const [row] = await database().query<Omit<Left, "messages">>(
    `select (select count(*)::int from runs where project_id = $1 and ${isUncollected}) as failures,
       (select count(*)::int from notices where project_id = $1 and state = 'waiting') as notices`,
    [failing.projectId],
  );
  if (!row) throw new Error("Nothing was counted.");
  return row;
}

async function left(scene: Scene): Promise<Left> {
  const [row] = await database().query<{ messages: number }>(
    "select count(*)::int as messages from messages where project_id = $1 and wiped_at is null",
    [scene.old.projectId],
  );
  return { ...(await untold(scene)), messages: row?.messages ?? 0 };
}

/** Waits until all that failed is part of an issue, and told. */
async function settle(scene: Scene): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { failures, notices } = await untold(scene);
    if (failures + notices === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${failures} failures and ${notices} notices are not looked after.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const median = (values: number[]): number => quantile(values, 0.5);
const spread = (values: number[]): string =>
  `${percent(median(values))} (${[...values]
    .sort((a, b) => a - b)
    .map(percent)
    .join(", ")})`;

function report(pairs: Pair[]): void {
  const of = (pick: (pair: Pair) => number) => median(pairs.map(pick)).toFixed(1);
  console.log(
    `\ncompleted one-job runs, one in ${oneIn} fails, ${workflows} workflows: ${of(({ atWork }) => atWork.perSecond)}/s with issues, notices and retention at work, ${of(({ idle }) => idle.perSecond)}/s with nothing for them to do (medians of ${pairs.length})`,
  );
  const rates = pairs.map(({ atWork, idle }) => atWork.perSecond / idle.perSecond);
  console.log(`of throughput without them, pair by pair: ${spread(rates)}`);
  const costs = (of: (care: Care) => number) => spread(pairs.map(({ idle }) => of(idle) / idle.runMs));
  console.log(
    `processor time of a run: ${of(({ idle }) => idle.runMs)} ms; of as much, when they did the same alone, issues and notices took ${costs(({ toldMs }) => toldMs)}, retention ${costs(({ wipedMs }) => wipedMs)}, together ${costs(({ toldMs, wipedMs }) => toldMs + wipedMs)}`,
  );
}

/** What there was to do, so that nobody takes idleness for speed. */
async function account({ failing, old, left: lefts }: Scene, received: number): Promise<void> {
  const [row] = await database().query<{ issues: number; failures: number; sent: number; wiped: number }>(
    `select (select count(*)::int from issues where project_id = $1) as issues,
       (select coalesce(sum(count), 0)::int from issues where project_id = $1) as failures,
       (select count(*)::int from notices where project_id = $1 and state = 'sent') as sent,
       (select count(*)::int from messages where project_id = $2 and wiped_at is not null) as wiped`,
    [failing.projectId, old.projectId],
  );
  const most = (pick: (left: Left) => number) => Math.max(...lefts.map(pick));
  console.log(
    `in all: ${row?.failures} failures in ${row?.issues} issues, ${row?.sent} notices sent (${received} to channels), ${row?.wiped} messages wiped; at most left when the last run of ${messages} had ended: ${most(({ failures }) => failures)} failures, ${most(({ notices }) => notices)} notices, ${most(({ messages }) => messages)} messages`,
  );
}
