import { randomUUID } from "node:crypto";
import type { Database } from "@/db/client";
import type { Context, UserContext } from "@/lib/domain/context";
import { cancelRun } from "@/lib/domain/run/cancel";
import { releaseWorkOrder } from "@/lib/domain/run/release";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun, type Remember } from "@/lib/execution/execute-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { Refusal } from "@/lib/refusal";
import { NotStartedError } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import { type Dice, pick } from "@/lib/testing/dice";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser, userContextFor } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { exitReasons } from "@/lib/words";

/** A project with two workflows of random graphs, and what happens in it. */
export type History = { ctx: Context; user: UserContext; workflows: string[]; jobs: string[] };

const once: Remember = (_, work) => work();

/**
 * Plays a random history: messages that arrive, runs that end in every way, wait, hang, or find no runner, runs that are
 * cancelled before and while they run, and reruns of messages, jobs, runs and steps.
 */
export async function playHistory(roll: Dice, acts = 16): Promise<History> {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  const graphs = [await randomWorkflow(ctx, roll), await randomWorkflow(ctx, roll)];
  const stage = { ctx, roll, database: testDatabase(), inboxId: project.inboxId, messages: [] };
  await receive(stage);
  for (let act = 0; act < acts; act++) await pick(roll, turns)(stage);
  return {
    ctx,
    user: userContextFor(owner),
    workflows: graphs.map(({ id }) => id),
    jobs: graphs.flatMap(({ jobs }) => jobs),
  };
}

/** Jobs with any number of parents, ways that are switched off, and jobs that nothing leads to. */
async function randomWorkflow(ctx: Context, roll: Dice) {
  const trigger = randomUUID();
  const jobs = Array.from({ length: 1 + roll(4) }, () => randomUUID());
  const edge = (from: { sourceTriggerId: string } | { sourceJobId: string }, targetJobId: string) => ({
    id: randomUUID(),
    ...from,
    targetJobId,
    conditionType:
      "sourceJobId" in from
        ? pick(roll, ["always", "on_job_success", "on_job_failure", "on_job_failure"] as const)
        : ("always" as const),
    enabled: roll(8) > 0,
  });
  const edges = jobs.flatMap((job, index) => {
    const parents = jobs.slice(0, index).filter(() => roll(2) === 0);
    const own = parents.map((parent) => edge({ sourceJobId: parent }, job));
    return own.length === 0 || roll(4) === 0 ? [...own, edge({ sourceTriggerId: trigger }, job)] : own;
  });
  const { id } = await saveWorkflow(
    ctx,
    {
      id: randomUUID(),
      name: `w-${trigger}`,
      triggers: [{ id: trigger, type: "message_filter", inclusion: {} }],
      jobs: jobs.map((job, index) => ({
        id: job,
        name: `Job ${index}`,
        body: "fn(s => s)",
        adaptor: "@openfn/language-common@3.3.4",
      })),
      edges,
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  return { id, jobs };
}

type Stage = { ctx: Context; roll: Dice; database: Database; inboxId: string; messages: string[] };
type Turn = (stage: Stage) => Promise<unknown>;

async function receive({ database, inboxId, messages }: Stage): Promise<void> {
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response("{}").body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  if (accepted) messages.push(accepted.messageId);
}

const runsIn = ({ database, ctx }: Stage, states: string[]) =>
  database.query<{ id: string; message_id: string }>(
    "select id, message_id from runs where project_id = $1 and state = any($2::text[]) order by id",
    [ctx.project.id, states],
  );

/** Lets a run that waits, or hangs, go on: to its end, to a step that hangs, or to a runner that is away. */
const execute: Turn = async (stage) => {
  const { roll, ctx } = stage;
  const runs = await runsIn(stage, ["pending", "pending", "running"]);
  const run = runs[roll(runs.length)];
  if (!run) return;
  let hang = () => {};
  const hangs = new Promise<void>((resolve) => {
    hang = resolve;
  });
  const runner = new ScriptedRunner(async () => {
    const fate = roll(20);
    if (fate === 0) throw new NotStartedError("connect");
    if (fate === 1) await cancelRun(ctx, run.id).catch(refused);
    if (fate === 2) {
      hang();
      return new Promise<never>(() => {});
    }
    const reason =
      fate === 1 ? "cancel" : fate < 12 ? "success" : fate < 18 ? "fail" : pick(roll, exitReasons);
    return { reason, ...(reason === "success" ? {} : { error: { type: "E", message: "no" } }) };
  });
  const work = executeRun(testExecutionHost(runner), run.id, once).catch((error: unknown) => {
    if (!String(error).includes("cannot be reached")) throw error;
  });
  await Promise.race([work, hangs]);
};

const refused = (error: unknown) => {
  if (!(error instanceof Refusal)) throw error;
};

const cancel: Turn = async (stage) => {
  const runs = await runsIn(stage, ["pending", "running"]);
  const run = runs[stage.roll(runs.length)];
  if (run) await cancelRun(stage.ctx, run.id).catch(refused);
};

/** Ten seconds later, so that what follows may start. */
const later = ({ database, ctx }: Stage) =>
  database.query(
    `with s as (update steps set started_at = started_at - interval '11 s', finished_at = finished_at - interval '11 s' where project_id = $1),
       j as (update job_states set started_at = started_at - interval '11 s', finished_at = finished_at - interval '11 s' where project_id = $1)
     update runs set created_at = created_at - interval '11 s', started_at = started_at - interval '11 s', finished_at = finished_at - interval '11 s'
     where project_id = $1`,
    [ctx.project.id],
  );

const again: Turn = async (stage) => {
  const { ctx, roll, messages } = stage;
  await later(stage);
  const messageId = pick(roll, messages);
  const [step] = await stage.database.query<{ id: string; run_id: string; job_id: string }>(
    "select id, run_id, job_id from steps where project_id = $1 order by id offset $2 limit 1",
    [ctx.project.id, roll(6)],
  );
  const asks = [
    () => rerunMessage(ctx, { messageId }),
    () => step && rerunMessage(ctx, { messageId, jobId: step.job_id }),
    () => step && rerunRun(ctx, { runId: step.run_id }),
    () => step && rerunRun(ctx, { runId: step.run_id, fromStepId: step.id }),
  ];
  await Promise.resolve(pick(roll, asks)()).catch(refused);
};

/** The plan's runs are used up, until another turn finds that there is no limit any more. */
const limit: Turn = ({ database, ctx, roll }) =>
  database.query("update projects set runs_per_month = $2 where id = $1", [
    ctx.project.id,
    roll(2) === 0 ? 0 : null,
  ]);

const release: Turn = async ({ database, ctx }) => {
  const [order] = await database.query<{ id: string }>(
    "select id from work_orders where project_id = $1 and state = 'rejected' order by id limit 1",
    [ctx.project.id],
  );
  if (order) await releaseWorkOrder(ctx, { workOrderId: order.id }).catch(refused);
};

const turns: readonly Turn[] = [
  limit,
  release,
  receive,
  receive,
  execute,
  execute,
  execute,
  execute,
  execute,
  cancel,
  again,
  again,
];
