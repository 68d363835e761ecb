import { randomUUID } from "node:crypto";
import { type Database, database, openClient } from "@/db/client";
import { bringUpToDate } from "@/db/migrate";
import { Presence } from "@/inngest/embedded/presence";
import { ulid } from "@/inngest/embedded/protocol";
import { applySchema } from "@/inngest/embedded/schema";
import { claimRuns } from "@/inngest/lane/claim";
import { env } from "@/lib/env";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import { quantile } from "./load";

const executedRuns = 200;
const schema = "durable";
const project = randomUUID();
const workflow = randomUUID();
const executor = randomUUID();

/**
 * What a run's start and end cost while others wait: none, a tenth of `waiting`, all of it; with statistics that say that
 * nothing waits. Then, how long a project's first message waits behind as many of another's in the outbox. On an empty
 * database of its own, without a server.
 */
export async function measureBacklog(waiting: number): Promise<void> {
  const client = await openClient(env().DATABASE_URL ?? "");
  await bringUpToDate(client).finally(() => client.end());
  const db = database();
  await applySchema(db, schema);
  await db.query("insert into projects (id, name) values ($1, 'backlog')", [project]);
  await queueRuns(db, executedRuns);
  await executeRuns(db);
  // Autovacuum comes within a minute or so: this is the time until then.
  await db.query("alter table runs set (autovacuum_enabled = false)");
  await db.query("vacuum analyze");
  console.log("\nruns that wait   start-step   complete-step   (median of 200, ms)");
  let isThere = 0;
  for (const count of [0, Math.round(waiting / 10), waiting]) {
    await queueRuns(db, count - isThere);
    isThere = count;
    const { started, completed } = await executeRuns(db);
    console.log(
      `${String(count).padStart(14)} ${started.toFixed(2).padStart(12)} ${completed.toFixed(2).padStart(15)}`,
    );
  }
  const { ms, claims } = await firstBehind(db, waiting);
  console.log(
    `\nfirst message of another project behind ${waiting} that wait: claimed after ${Math.round(ms)} ms, by claim ${claims}`,
  );
}

/** Queues runs of the project, oldest ones. Returns those of the last that were made. */
async function queueRuns(db: Database, count: number): Promise<{ id: string; messageId: string }[]> {
  if (count <= 0) return [];
  return db.query<{ id: string; messageId: string }>(
    `with m as (
       insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
       select $1, 'inbox', 'POST', '{}', '{}', '{}', 'json', '1', 1, '1' from generate_series(1, $3::int) returning id, project_id
     ),
     o as (
       insert into work_orders (project_id, workflow_id, snapshot_id, message_id) select project_id, $2, $2, id from m returning *
     ),
     r as (
       insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_job_id)
       select project_id, workflow_id, id, message_id, snapshot_id, $2 from o returning id, message_id
     )
     select id, message_id as "messageId" from r limit ${executedRuns}`,
    [project, workflow, count],
  );
}

/** Starts and completes one step after the other, each of a run that came last. */
async function executeRuns(db: Database): Promise<{ started: number; completed: number }> {
  const storage = postgresStorage(db);
  const took = { started: [] as number[], completed: [] as number[] };
  for (const { id, messageId } of await queueRuns(db, executedRuns)) {
    const begun = performance.now();
    const [start] = await storage.startSteps([
      {
        runId: id,
        executorId: executor,
        epoch: 0,
        runnerId: executor,
        startingEdges: null,
        projectId: project,
        workflowId: workflow,
        messageId,
        jobId: workflow,
        jobName: "Job",
        adaptor: "@openfn/language-common@3.3.4",
        ordinal: 0,
        follows: null,
        inputDataclipId: null,
      },
    ]);
    took.started.push(performance.now() - begun);
    if (start?.kind !== "started") throw new Error("The step was not started.");
    const again = performance.now();
    await storage.completeSteps([
      {
        stepId: start.step.id,
        epoch: 1,
        result: {
          reason: "success",
          output: "{}",
          error: null,
          conditions: {},
          connections: [],
          durationMs: 1,
          peakMemoryMb: null,
        },
        kept: { body: "{}", sealed: null, size: 2 },
        takenEdges: [],
        logLines: 0,
        credentialName: null,
        runEnd: { state: "success", errorType: null, errorMessage: null },
      },
    ]);
    took.completed.push(performance.now() - again);
  }
  return { started: quantile(took.started, 0.5), completed: quantile(took.completed, 0.5) };
}

/** Claims until the one row of another project is among what is taken; what was taken before is done by then. */
async function firstBehind(db: Database, waiting: number): Promise<{ ms: number; claims: number }> {
  await db.query(
    `insert into outbox (project_id, event, data)
     select $1::uuid, 'run/requested', jsonb_build_object('runId', uuid_v7(), 'projectId', $1::uuid, 'workflowId', $1::uuid, 'priority', 0)
     from generate_series(1, $2::int)`,
    [project, waiting],
  );
  const presence = new Presence(db, schema, 15_000);
  const owner = ulid();
  await presence.register(owner);
  const asked = { owner, room: 16, projectLimit: 8, known: {} };
  const take = (after: string, done: string[]) => claimRuns(db, schema, { ...asked, after, done });
  const first = await take(project, []);
  const other = randomUUID();
  await db.query(
    "insert into outbox (project_id, event, data) values ($1::uuid, 'run/requested', jsonb_build_object('runId', $1::uuid, 'projectId', $1::uuid, 'workflowId', $1::uuid, 'priority', 0))",
    [other],
  );
  const begun = performance.now();
  let last = first;
  let claims = 0;
  do {
    claims++;
    last = await take(last?.after ?? project, last?.claimed.map(({ id }) => id) ?? []);
  } while (!last?.claimed.some(({ projectId }) => projectId === other));
  const ms = performance.now() - begun;
  await presence.leave(owner);
  return { ms, claims };
}
