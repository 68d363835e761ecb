import { randomUUID } from "node:crypto";
import type { Sql } from "@/db/client";
import { claim } from "@/inngest/embedded/claim";
import { forgetMentions } from "@/inngest/embedded/forget";
import type { EngineFunction } from "@/inngest/embedded/functions";
import { FunctionIndex, recordEvents } from "@/inngest/embedded/ingest";
import { Presence } from "@/inngest/embedded/presence";
import { type Answer, completeEvent, ulid } from "@/inngest/embedded/protocol";
import { sweep } from "@/inngest/embedded/retention";
import type { Core } from "@/inngest/embedded/runs";
import { type Held, Settler } from "@/inngest/embedded/settle";
import { fireTimers, planCrons } from "@/inngest/embedded/timers";
import { forgottenByEngine } from "@/inngest/forgotten/embedded";
import { firstId, nextOfProject } from "@/inngest/forgotten/waiting";
import { type FindForgotten, ForgottenRuns } from "@/inngest/forgotten/watch";
import { engineHealth } from "@/inngest/health";
import { claimRuns, giveBack } from "@/inngest/lane/claim";
import { withLanes } from "@/inngest/lanes";
import { dispatchOutbox } from "@/inngest/outbox";
import { withRoom } from "@/inngest/room";
import type { Context } from "@/lib/domain/context";
import { LastUses } from "@/lib/domain/credential/last-uses";
import { chooseCredential } from "@/lib/domain/keychain/choose";
import { resendMessage } from "@/lib/domain/message/resend";
import { deleteProject } from "@/lib/domain/project/delete";
import { forgetDeliveries } from "@/lib/domain/purge/deliveries";
import { carryOutDeletions } from "@/lib/domain/purge/due";
import { paceOf } from "@/lib/domain/purge/pace";
import { forgetArrivals, forgetRefused } from "@/lib/domain/purge/refused";
import { acceptRefused } from "@/lib/domain/refused/accept";
import { cancelRun } from "@/lib/domain/run/cancel";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { fireDueCronTriggers } from "@/lib/execution/fire-cron";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import type { Completion, StepStart } from "@/lib/execution/storage";
import { sweepUnfinished } from "@/lib/execution/sweep";
import { accept, type InboxHost } from "@/lib/inbox/accept";
import { Callers } from "@/lib/inbox/callers";
import { executeTogether } from "@/lib/inbox/execute";
import { inboxKeys } from "@/lib/inbox/keys";
import type { Sent } from "@/lib/inbox/statement";
import { workWaitsStatement } from "@/lib/inbox/waiting-work";
import { Notifier } from "@/lib/live/notifier";
import { announce } from "@/lib/live/shared";
import { Backlogs } from "@/lib/queue/backlogs";
import { handBackRuns } from "@/lib/queue/queue";
import { kept } from "@/lib/state/kept";
import type { Clinic } from "@/lib/testing/clinic";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { result, ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { Counting } from "./counting";

/** Two projects: the busy one, in which much may wait, and one that is to be deleted. */
export type HotScene = { busy: Clinic; leaving: Clinic; schema: string };

type HotCase = (scene: HotScene, counting: Counting) => Promise<unknown>;

/** A run that waits in the busy project, for a message and a work order of its own. */
async function waitingRun({ busy }: HotScene, sql: Sql) {
  const [run] = await sql.query<{ id: string; messageId: string }>(
    `with m as (
       insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
       values ($1, 'inbox', 'POST', '{}', '{}', '{}', 'json', '1', 1, '1') returning id
     ),
     o as (
       insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, message_id)
       select $1, w.id, w.snapshot_id, $3, m.id from m, workflows w where w.id = $2 and w.project_id = $1
       returning id, message_id, snapshot_id
     )
     insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id)
     select $1, $2, id, message_id, snapshot_id, $3 from o returning id, message_id as "messageId"`,
    [busy.project.id, busy.workflows.hook, busy.triggers.hook],
  );
  if (!run) throw new Error("The run was not made.");
  return run;
}

const [executorId, runnerId] = [randomUUID(), randomUUID()];

/** A start of a run that waits, whose epoch it raises to 1; a later one says so. */
const startOf = (
  { busy }: HotScene,
  run: { id: string; messageId: string },
  ordinal = 0,
  epoch = 0,
): StepStart => ({
  runId: run.id,
  executorId,
  epoch,
  runnerId,
  startingEdges: null,
  projectId: busy.project.id,
  workflowId: busy.workflows.hook,
  messageId: run.messageId,
  jobId: busy.jobs.hooked,
  jobName: "Hooked",
  adaptor: "@openfn/language-common@3.3.4",
  ordinal,
  follows: ordinal > 0 ? ordinal - 1 : null,
  inputDataclipId: null,
});

const completionOf = (projectId: string, stepId: string): Completion => ({
  stepId,
  epoch: 1,
  result: result(),
  kept: kept(projectId, result({ output: '{"done":true}' })),
  repeats: true,
  takenEdges: [],
  logLines: 1,
  lines: [{ seq: 1, at: Date.now(), level: "info", source: "JOB", message: "done" }],
  credentialName: null,
  runEnd: { state: "success", errorType: null, errorMessage: null },
});

const hostOn = ({ database }: Counting) => ({
  ...testExecutionHost(new ScriptedRunner()),
  storage: postgresStorage(database),
});

const within = (ctx: Context, { database }: Counting): Context => ({ ...ctx, db: database.db });

/** The engine's own function for runs, as the SDK would register it. */
const executeRun: EngineFunction = {
  id: "waybill-execute-run",
  uuid: randomUUID(),
  maxAttempts: 3,
  events: [{ name: "run/requested", if: undefined }],
  crons: ["* * * * *"],
  limits: [
    { limit: 8, key: "event.data.projectId", scope: "fn" },
    { limit: 1, key: "has(event.data.lane) ? event.data.lane : event.data.runId", scope: "fn" },
  ],
  priority: "event.data.priority",
};

export const engineCore = (schema: string): Core => ({ schema, index: new FunctionIndex([executeRun]) });

/** Takes `room` calls as a new engine would. */
async function claimed({ schema }: HotScene, { database }: Counting, room: number): Promise<Held[]> {
  const owner = ulid();
  await new Presence(database, schema, 15_000).register(owner);
  const answer = await claim(database, engineCore(schema), { owner, count: 1, room, after: "" });
  return (answer?.items ?? []).map((item) => ({ ...item, fn: executeRun, owner }));
}

const requestFor = (projectId: string) =>
  completeEvent({
    id: randomUUID(),
    name: "run/requested",
    data: { runId: randomUUID(), projectId, workflowId: randomUUID(), priority: 0 },
  });

const done: Answer = {
  kind: "ops",
  ops: [{ id: "end", op: "RunComplete", data: 1 }],
  version: 2,
  isFinal: false,
  retryAfter: null,
};

async function arriving(
  { busy }: HotScene,
  { database }: Counting,
  headers: Record<string, string>,
  more: Partial<InboxHost> = {},
) {
  await accept(
    {
      method: "POST",
      segments: [busy.project.inboxId],
      search: "",
      headers: { "content-type": "application/json", ...headers },
      body: new Response('{"form":"visit"}').body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6, ...more },
  );
}

/** What would go in company, to the project's URL and to a webhook's. */
async function gathered(
  scene: HotScene,
  counting: Counting,
  headers: Record<string, string>,
): Promise<Sent[]> {
  const all: Sent[] = [];
  const hooked = { ...scene.busy, project: { ...scene.busy.project, inboxId: scene.busy.triggers.hook } };
  for (const busy of [scene.busy, hooked, scene.busy])
    await arriving({ ...scene, busy }, counting, headers, {
      async together(sent) {
        all.push(
          sent.delivery ? { ...sent, delivery: { ...sent.delivery, id: Buffer.from(sent.messageId) } } : sent,
        );
        return undefined;
      },
    });
  return all;
}

/**
 * What is done for each message and what is done in the background, by name: everything that happens while much waits.
 * Each is carried out, and what every statement reads is held against what it reads when nothing waits.
 */
export const hot: Record<string, HotCase> = {
  "a message arrives": (scene, counting) => arriving(scene, counting, {}),
  "messages arrive in company": async (scene, counting) => {
    for (const headers of [{}, { "idempotency-key": "one of them" }])
      await executeTogether(counting.database, await gathered(scene, counting, headers));
  },
  "messages arrive that need little": async (scene, counting) => {
    const sent = await gathered(scene, counting, {});
    for (const kind of ["stores", "starts"] as const) await executeTogether(counting.database, sent, kind);
  },
  "the door looks whether runs wait": (_, { database }) =>
    database.query(workWaitsStatement, [], "inbox-work"),
  "backlogs are counted, and a project is full": async ({ busy }, { database, sql }) => {
    const backlogs = new Backlogs({ database, limit: 5 });
    for (const _ of [1, 2]) await backlogs.look();
    await sql.query("update projects set full_since = null, full_until = null where id = $1", [
      busy.project.id,
    ]);
  },
  "a message arrives twice": async (scene, counting) => {
    for (const _ of [1, 2]) await arriving(scene, counting, { "idempotency-key": "the same" });
  },
  "senders wait for the ends of runs": async (scene, { database, sql }) => {
    const storage = postgresStorage(database);
    const [over, waits] = [await waitingRun(scene, sql), await waitingRun(scene, sql)];
    const [first] = await storage.startSteps([startOf(scene, over)]);
    if (first?.kind !== "started") throw new Error("The step was not started.");
    await storage.completeSteps([completionOf(scene.busy.project.id, first.step.id)]);
    const callers = new Callers({ query: database.query, listen: async () => async () => {} });
    const ms = 20_000;
    const projectId = scene.busy.project.id;
    const gone = new AbortController();
    const patient = callers.wait({ runId: waits.id, projectId, ms, signal: gone.signal });
    const heard = await callers.wait({ runId: over.id, projectId, ms });
    gone.abort();
    await patient;
    if (typeof heard !== "object" || heard.data !== '{"done":true}')
      throw new Error("The sender was not answered.");
  },
  "a message arrives at a project with a plan": async (scene, counting) => {
    const { database, busy } = { ...counting, ...scene };
    await database.query("update usage_counted set counted_to = id_at(now())");
    const plan = (month: number | null, minute: number | null) =>
      database.query("update projects set runs_per_month = $2, runs_per_minute = $3 where id = $1", [
        busy.project.id,
        month,
        minute,
      ]);
    await plan(1_000_000, null);
    await arriving(scene, counting, {});
    await plan(null, null);
  },
  "a message arrives at a URL with rules": async (scene, counting) => {
    const { project } = scene.busy;
    const set = (rate: number | null) =>
      counting.sql.query(
        "update projects set inbox_rate_per_minute = $2, rate_per_minute = $2, delivery_id = $3 where id = $1",
        [project.id, rate, rate === null ? null : JSON.stringify({ path: "data.form" })],
      );
    await set(1_000_000);
    for (const _ of [1, 2]) await arriving(scene, counting, {});
    const all = await gathered(scene, counting, { "idempotency-key": "one of them" });
    const rules = { delivery: null, rate: 1_000_000, projectRate: null, redactions: null };
    await executeTogether(
      counting.database,
      all.map((one) => ({ ...one, rules })),
    );
    await set(null);
  },
  "a message arrives at a draft's test URL, and at nobody's": async (scene, counting) => {
    const { busy } = scene;
    const [draft] = await counting.sql.query<{ testId: string }>(
      `with d as (
         insert into drafts (project_id, workflow_id, user_id, base_version, graph)
         select $1, w.id, m.user_id, 1, jsonb_build_object('triggers', jsonb_build_array(jsonb_build_object('id', $3::text, 'type', 'webhook')), 'jobs', '[]'::jsonb, 'edges', '[]'::jsonb)
         from workflows w join project_members m on m.project_id = w.project_id and m.role = 'owner' where w.id = $2 returning id, test_id
       ),
       o as (
         insert into draft_tests (draft_id, project_id, mode, open_until) select id, $1, 'record', now() + interval '1 hour' from d
       )
       select test_id as "testId" from d`,
      [busy.project.id, busy.workflows.hook, busy.triggers.hook],
    );
    for (const inboxId of [draft?.testId ?? "", randomUUID()])
      await arriving({ ...scene, busy: { ...busy, project: { ...busy.project, inboxId } } }, counting, {});
    const tests = await counting.sql.query(
      "with t as (delete from test_runs where project_id = $1 returning id), d as (delete from drafts where project_id = $1) select id from t",
      [busy.project.id],
    );
    if (tests.length !== 1) throw new Error("The test was not asked for.");
  },
  "a message is refused, and accepted": async (scene, counting) => {
    const { project, ctx } = scene.busy;
    const set = (isOn: boolean) =>
      counting.sql.query("update projects set inbox_enabled = $2 where id = $1", [project.id, isOn]);
    await set(false);
    await arriving(scene, counting, {});
    await set(true);
    const [row] = await counting.sql.query<{ id: string }>(
      "select id from refused_requests where project_id = $1 and cause = 'disabled' and accepted_at is null order by id desc limit 1",
      [project.id],
    );
    await acceptRefused(within(ctx, counting), { id: row?.id ?? "" });
  },
  "a run is executed": async (scene, { database, sql }) => {
    const storage = postgresStorage(database);
    const run = await waitingRun(scene, sql);
    const [loaded] = await storage.loadRuns([run.id]);
    if (!loaded) throw new Error("The run was not loaded.");
    await storage.loadGraph(loaded.projectId, loaded.snapshotId);
    await storage.readBody(loaded.projectId, run.messageId);
    const [first] = await storage.startSteps([startOf(scene, run)]);
    await storage.startSteps([startOf(scene, run)]);
    if (first?.kind !== "started") throw new Error("The step was not started.");
    const { id } = first.step;
    await storage.appendLog(id, [{ seq: 0, at: Date.now(), level: "info", source: "JOB", message: "hello" }]);
    await storage.nextLine(id);
    await storage.runningSteps(run.id);
    const completion = completionOf(loaded.projectId, id);
    const [completed] = await storage.completeSteps([completion]);
    await storage.completeSteps([completion]);
    await storage.readState(loaded.projectId, completed?.outputDataclipId ?? "");
  },
  "a keychain chooses, and its use is written down": async ({ busy }, { database, sql }) => {
    const { id: projectId } = busy.project;
    const [made] = await sql.query<{ keychainId: string }>(
      `with c as (
         insert into credentials (owner_id, name, body, external_id)
         select user_id, gen_random_uuid(), 'x', 'F001' from project_members where project_id = $1 and role = 'owner' returning id
       ),
       l as (insert into project_credentials (project_id, credential_id) select $1, id from c returning id)
       insert into keychain_credentials (project_id, name, path) select $1, id, '$.data.facility' from l returning id as "keychainId"`,
      [projectId],
    );
    const keychainId = made?.keychainId ?? "";
    const input = '{"data":{"facility":"F001"}}';
    const projectCredentialId = await chooseCredential(database.db, keychainId, projectId, input);
    const uses = new LastUses(database);
    uses.note({ projectId, projectCredentialId, keychainId });
    await uses.write();
  },
  "several runs are executed": async (scene, { database, sql }) => {
    const storage = postgresStorage(database);
    const runs = [await waitingRun(scene, sql), await waitingRun(scene, sql), await waitingRun(scene, sql)];
    await storage.loadRuns(runs.map((run) => run.id));
    const started = await storage.startSteps(runs.map((run) => startOf(scene, run)));
    const ids = started.flatMap((one) => (one.kind === "started" ? one.step.id : []));
    await storage.completeSteps(ids.map((id) => completionOf(scene.busy.project.id, id)));
  },
  "a step's end starts another workflow": async (scene, { database, sql }) => {
    const storage = postgresStorage(database);
    const { project, workflows, jobs } = scene.busy;
    const [trigger] = await sql.query<{ id: string }>(
      "insert into triggers (project_id, workflow_id, type, source_job_id) values ($1, $2, 'flow', $3) returning id",
      [project.id, workflows.hook, jobs.hooked],
    );
    const [started] = await storage.startSteps([startOf(scene, await waitingRun(scene, sql))]);
    if (started?.kind !== "started") throw new Error("The step was not started.");
    const completion = completionOf(project.id, started.step.id);
    await storage.completeSteps([completion]);
    await storage.stepBeginning(started.step.id, 10);
    const [completed] = await storage.completeSteps([{ ...completion, handsOver: { state: null } }]);
    if (!completed?.wasFirst) throw new Error("The step was not completed.");
    await sql.query("delete from triggers where id = $1 and project_id = $2", [trigger?.id, project.id]);
  },
  "a run is taken over": async (scene, { database, sql }) => {
    const storage = postgresStorage(database);
    const run = await waitingRun(scene, sql);
    await storage.beat(executorId);
    const [first] = await storage.startSteps([startOf(scene, run)]);
    if (first?.kind !== "started") throw new Error("The step was not started.");
    await storage.executorOf(run.id);
    await storage.executedRuns(executorId);
    await storage.takeOver(run.id, randomUUID());
    const held = { stepId: first.step.id, epoch: 2, runnerId, logLines: 1 };
    await storage.adoptStep(held);
    await storage.moveStep(held);
    await storage.repeatStep(held);
    const failed = { ...result({ reason: "fail" }), error: null };
    const pause = { attempt: 1, startedAt: new Date(), result: failed, delayMs: 0 };
    await storage.pauseStep({ ...held, ...pause });
    await storage.takeOver(run.id, randomUUID());
    await storage.beginAttempt({ ...held, epoch: 3 });
    await storage.startSteps([startOf(scene, run, 0, 1)]);
    await storage.completeSteps([completionOf(scene.busy.project.id, held.stepId)]);
    await storage.letGo(run.id, 2);
    await storage.handBack([run.id], null);
    await storage.leave(executorId);
  },
  "steps are withdrawn": async (scene, { database, sql }) => {
    const storage = postgresStorage(database);
    const runs = [await waitingRun(scene, sql), await waitingRun(scene, sql)];
    const started = await storage.startSteps(runs.map((run) => startOf(scene, run)));
    await storage.withdrawSteps(
      started.flatMap((one) => (one.kind === "started" ? { stepId: one.step.id, epoch: 1 } : [])),
    );
  },
  "runs end without a step": async (scene, { database, sql }) => {
    const storage = postgresStorage(database);
    const end = { state: "exception", errorType: "X", errorMessage: "why" } as const;
    const runs = [await waitingRun(scene, sql), await waitingRun(scene, sql), await waitingRun(scene, sql)];
    const [alone, ...others] = runs.map((run) => ({ runId: run.id, epoch: 0, end }));
    if (alone) await storage.endRuns([alone]);
    await storage.endRuns(others);
  },
  "runs of one key follow each other, through a pause": async (scene, counting) => {
    const { busy } = scene;
    const storage = postgresStorage(counting.database);
    const hooked = { ...busy, project: { ...busy.project, inboxId: busy.triggers.hook } };
    const arrive = () => arriving({ ...scene, busy: hooked }, counting, {});
    const set = (what: string) =>
      counting.sql.query(`update workflows set ${what} where id = $1 and project_id = $2`, [
        busy.workflows.hook,
        busy.project.id,
      ]);
    await set("order_key = 'data.form'");
    for (const _ of [1, 2, 3]) await arrive();
    const [first, second] = await counting.sql.query<{ id: string }>(
      "select id from runs where project_id = $1 and order_key = 'visit' order by id",
      [busy.project.id],
    );
    const end = { state: "exception", errorType: "X", errorMessage: "why" } as const;
    await storage.endRuns([{ runId: first?.id ?? "", epoch: 0, end }]);
    await set("paused_at = now()");
    await storage.loadRuns([second?.id ?? ""]);
    await set("order_key = null");
    await arrive();
    await set("paused_at = null");
    await storage.heldProjects();
    await storage.releaseSome(busy.project.id);
    await cancelRun(within(busy.ctx, counting), second?.id ?? "");
  },
  "runs are handed back": async (scene, { database, sql }) => {
    const [run, other] = [await waitingRun(scene, sql), await waitingRun(scene, sql)];
    await handBackRuns(database, [run.id, other.id]);
  },
  "forgotten runs are looked for": async ({ busy, schema }, { database, sql }) => {
    await sql.query("delete from outbox where project_id is not null and id % 2 = 0");
    const looking = (find: FindForgotten) =>
      new ForgottenRuns({ database, find, announce: () => {}, ageMs: 0, doubtMs: 0 });
    await looking(async () => []).look();
    await looking(forgottenByEngine(database, schema)).look();
    const all = looking(async (runs) => runs.map((run) => run.id));
    await nextOfProject(database, busy.project.id, firstId, 0);
    for (const _ of [1, 2]) await all.look();
  },
  "the sweep": (_, counting) => sweepUnfinished(hostOn(counting)),
  "the clock": async ({ busy }, counting) => {
    await counting.sql.query(
      `with t as (
         insert into triggers (project_id, workflow_id, type, cron_expression, next_run_at)
         values ($1, $2, 'cron', '0 * * * *', now() - interval '1 minute') returning id
       )
       insert into edges (project_id, workflow_id, source_trigger_id, target_job_id, condition_type) select $1, $2, id, $3, 'always' from t`,
      [busy.project.id, busy.workflows.hook, busy.jobs.hooked],
    );
    await fireDueCronTriggers(hostOn(counting));
  },
  "a person cancels, reruns and resends": async (scene, counting) => {
    const ctx = within(scene.busy.ctx, counting);
    const [waits, runs] = [await waitingRun(scene, counting.sql), await waitingRun(scene, counting.sql)];
    await cancelRun(ctx, waits.id);
    await postgresStorage(counting.database).startSteps([startOf(scene, runs)]);
    await cancelRun(ctx, runs.id);
    await rerunRun(ctx, { runId: waits.id });
    await rerunMessage(ctx, { messageId: (await waitingRun(scene, counting.sql)).messageId });
    await resendMessage(ctx, { messageId: waits.messageId, body: '{"form":"visit"}' });
  },
  "the outbox is emptied": (_, { database }) =>
    dispatchOutbox({
      database,
      batch: 10,
      send: async (events, sql) => void (await withRoom(sql, await withLanes(sql, events), 8)),
    }),
  "the outbox is emptied of all but runs": (_, { database }) =>
    dispatchOutbox({ database, batch: 10, isEmbedded: true, send: async () => {} }),
  "runs are claimed, given back and settled": async ({ busy, schema }, { database, sql }) => {
    const presence = new Presence(database, schema, 15_000);
    const owner = ulid();
    await presence.register(owner);
    const [own] = await sql.query<{ id: string }>(
      "insert into workflows (id, project_id, name, concurrency) values (gen_random_uuid(), $1, gen_random_uuid()::text, 1) returning id",
      [busy.project.id],
    );
    await sql.query("update projects set concurrency = 2 where id = $1", [busy.project.id]);
    await sql.query(
      `insert into outbox (project_id, event, data) select $1, 'run/requested', jsonb_build_object('runId', gen_random_uuid(), 'workflowId', $2::uuid, 'priority', 100)
       from generate_series(1, 50)`,
      [busy.project.id, own?.id],
    );
    const asked = { owner, room: 4, projectLimit: 8, after: firstId };
    const first = await claimRuns(database, schema, { ...asked, done: [], known: {} });
    const [one, ...done] = first?.claimed ?? [];
    if (!first || !one || done.length === 0) throw new Error("Too few runs were claimed.");
    await giveBack(database, one, 1);
    await claimRuns(database, schema, {
      ...asked,
      done: done.map(({ id }) => id),
      known: first.known,
    });
    await sql.query("update projects set concurrency = null where id = $1", [busy.project.id]);
    await presence.leave(owner);
  },
  "runs begin with their claim": async (scene, { database, sql }) => {
    const { busy, schema } = scene;
    const presence = new Presence(database, schema, 15_000);
    const owner = ulid();
    await presence.register(owner);
    const runs = [await waitingRun(scene, sql), await waitingRun(scene, sql)].map(({ id }) => id);
    const [at] = await sql.query<{ id: string }>(
      `with asked as (
         insert into outbox (project_id, event, data) select $1, 'run/requested', jsonb_build_object('runId', id, 'workflowId', $2::uuid, 'priority', 100)
         from unnest($3::uuid[]) as r (id)
       )
       select snapshot_id as id from workflows where id = $2`,
      [busy.project.id, busy.workflows.hook, runs],
    );
    const { jobId, jobName, adaptor } = startOf(scene, { id: "", messageId: "" });
    const beginning = { projectId: busy.project.id, snapshotId: at?.id ?? "", jobId, jobName, adaptor };
    const beginnings = [{ ...beginning, triggerId: busy.triggers.hook }];
    const asked = { owner, room: 4, projectLimit: 8, after: firstId, known: {}, done: [] };
    const claim = await claimRuns(database, schema, asked, { executorId, runnerId, beginnings });
    const begun = (claim?.claimed ?? []).filter(({ loaded }) => loaded?.begun);
    if (begun.length < runs.length) throw new Error("Too few runs were begun.");
    await presence.leave(owner);
  },
  "the engine takes events": (scene, { database }) =>
    recordEvents(database, scene.schema, engineCore(scene.schema).index, [
      requestFor(scene.busy.project.id),
      requestFor(randomUUID()),
    ]),
  "the engine claims, and its calls end": async (scene, counting) => {
    const held = await claimed(scene, counting, 4);
    if (held.length < 4) throw new Error("Too few calls were claimed.");
    const settler = new Settler(counting.database, engineCore(scene.schema), () => 1_000);
    const [first, second, third, fourth] = held;
    if (!first || !second || !third || !fourth) return;
    await settler.settle(first, done);
    await settler.checkpoint(second, [{ id: "one", op: "StepRun", data: 1 }]);
    await settler.fail(second, { name: "Error", message: "again" }, false, null);
    await settler.fail(third, { name: "Error", message: "no" }, true, null);
    await new Presence(counting.database, scene.schema, 15_000).leave(fourth.owner);
  },
  "the engine's clock and heartbeat": async ({ schema }, { database, sql }) => {
    const core = engineCore(schema);
    await planCrons(database, core);
    await sql.query(`update ${schema}.timer set due_at = now() - interval '1 minute'`);
    await fireTimers(database, core, (error) => {
      throw error;
    });
    const presence = new Presence(database, schema, 15_000);
    const owner = ulid();
    await presence.register(owner);
    await presence.beat(owner, { inFlight: 0, calls: 0 });
    await presence.releaseLost(owner);
    await sweep(database, schema, { runsMs: 864e5, eventsMs: 864e5, batch: 100 });
  },
  "pages are told": async ({ busy }, { database }) => {
    const notifier = new Notifier(database);
    notifier.touch(busy.project.id, "runs", randomUUID());
    notifier.wakeEngine();
    await notifier.settle();
  },
  "health is asked": (_, { database }) => engineHealth(database),
  "a project is deleted": async ({ leaving, schema }, counting) => {
    const { project } = leaving;
    await deleteProject(within(leaving.ctx, counting), { confirmName: project.name }, { atOnce: true });
    await counting.sql.query("update projects set deletes_at = now() - interval '1 minute' where id = $1", [
      project.id,
    ]);
    await carryOutDeletions(
      {
        database: counting.database,
        announce,
        forgetInEngine: (id, pace) => forgetMentions(counting.database, schema, id, pace),
      },
      60_000,
    );
  },
  "deliveries are forgotten": (_, { database }) => forgetDeliveries(database),
  "refused requests are forgotten": (_, { database }) => forgetRefused(database, paceOf(60_000)),
  "arrivals are forgotten": (_, { database }) => forgetArrivals(database),
};
