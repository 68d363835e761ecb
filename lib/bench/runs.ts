import { database } from "@/db/client";
import { quantile } from "./load";
import type { Target } from "./setup";

const post = async (url: string, body: string) => {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
};

/** Milliseconds from sending a message: until its run was stored, until it began, until it had ended. */
export type Took = { storedMs: number; begunMs: number; doneMs: number };

/** Sends one message after the other into an idle product. */
export async function acceptToDone(
  url: string,
  target: Target,
  body: string,
  count: number,
): Promise<{ p50Ms: number; p95Ms: number }> {
  const took = (await each(url, target, body, count)).map(({ doneMs }) => doneMs);
  return { p50Ms: quantile(took, 0.5), p95Ms: quantile(took, 0.95) };
}

/** The same, message by message; `restMs` is between one's end and the next. */
export async function each(
  url: string,
  target: Target,
  body: string,
  count: number,
  restMs = () => 40,
): Promise<Took[]> {
  const took: Took[] = [];
  for (let i = 0; i < count; i++) {
    const sentAt = Date.now();
    await post(url + target.webhookPath, body);
    const run = await lastFinish(target.projectId, sentAt);
    took.push({
      storedMs: run.stored.getTime() - sentAt,
      begunMs: run.begun.getTime() - sentAt,
      doneMs: run.done.getTime() - sentAt,
    });
    await new Promise((resolve) => setTimeout(resolve, restMs()));
  }
  return took;
}

async function lastFinish(
  projectId: string,
  since: number,
): Promise<{ stored: Date; begun: Date; done: Date }> {
  for (;;) {
    const [run] = await database().query<{ stored: Date; begun: Date; done: Date }>(
      `select created_at as stored, started_at as begun, finished_at as done from runs
       where project_id = $1 and created_at >= $2 and finished_at is not null order by id desc limit 1`,
      [projectId, new Date(since - 5)],
    );
    if (run) return run;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until no run of the project is unfinished. */
export async function drain(projectId: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const isBusy = async () => {
    // Each state has an index; counting all that there is would be work beside what is measured.
    const [row] = await database().query<{ busy: boolean }>(
      "select exists (select 1 from runs where project_id = $1 and state = 'pending') or exists (select 1 from runs where project_id = $1 and state = 'running') as busy",
      [projectId],
    );
    return row?.busy === true;
  };
  while (await isBusy()) {
    if (Date.now() > deadline) throw new Error(`Runs are stuck: ${JSON.stringify(await runsOf(projectId))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function runsOf(projectId: string): Promise<Record<string, number>> {
  const states = await database().query<{ state: string; n: number }>(
    "select state, count(*)::int as n from runs where project_id = $1 group by state",
    [projectId],
  );
  return Object.fromEntries(states.map((s) => [s.state, s.n]));
}

/** Queues `count` messages as fast as they are accepted, and measures how fast their runs end once all are in. */
export async function completedPerSecond(
  url: string,
  targets: Target[],
  body: string | (() => string),
  count: number,
): Promise<number> {
  const lanes = 16;
  let sent = 0;
  const send = async () => {
    while (sent < count)
      await post(
        url + (targets[sent++ % targets.length]?.webhookPath ?? ""),
        typeof body === "string" ? body : body(),
      );
  };
  const begin = Date.now();
  await Promise.all(Array.from({ length: lanes }, send));
  for (const target of targets) await drain(target.projectId, 300_000);
  return count / ((Date.now() - begin) / 1000);
}

/** How fast `waiting` runs end that all wait already: from the first one's start to the last one's end. */
export async function drainedPerSecond(targets: Target[], waiting: number): Promise<number> {
  const ids = targets.map(({ projectId }) => projectId);
  const [before] = await database().query<{ id: string }>("select uuid_v7() as id", []);
  for (const target of targets) await queueMany(target, Math.ceil(waiting / targets.length));
  for (const id of ids) await drain(id, 300_000);
  const [took] = await database().query<{ runs: number; seconds: number }>(
    `select count(*)::int as runs, extract(epoch from max(finished_at) - min(started_at))::float8 as seconds
     from runs where project_id = any($1) and id > $2`,
    [ids, before?.id],
  );
  return took ? took.runs / took.seconds : Number.NaN;
}

/** As many runs of the target as if its message had come so often, at once. */
export async function queueMany({ projectId }: Target, count: number): Promise<void> {
  const batch = 5_000;
  for (let made = 0; made < count; made += batch)
    await database().query(
      `with one as (select * from runs where project_id = $1 order by id limit 1),
       o as (
         insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, message_id)
         select project_id, workflow_id, snapshot_id, starting_trigger_id, message_id from one, generate_series(1, $2::int) returning id
       ),
       r as (
         insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id)
         select one.project_id, one.workflow_id, o.id, one.message_id, one.snapshot_id, one.starting_trigger_id from one, o returning *
       )
       insert into outbox (project_id, event, data)
       select project_id, 'run/requested', jsonb_build_object('runId', id, 'projectId', project_id, 'workflowId', workflow_id, 'priority', 0) from r`,
      [projectId, Math.min(batch, count - made)],
    );
}
