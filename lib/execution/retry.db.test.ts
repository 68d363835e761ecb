import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { getMessage } from "@/lib/domain/message/get";
import { cancelRunning } from "@/lib/domain/purge/drain";
import { cancelRun } from "@/lib/domain/run/cancel";
import { getRun } from "@/lib/domain/run/get";
import { listLogs } from "@/lib/domain/run/logs";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { limits } from "@/lib/limits";
import { type LogLine, NotStartedError, type StepRequest, type StepResult } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { failure, result, ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { RetryPolicy } from "@/lib/workflow/types";
import { executeRun, type Remember } from "./execute-run";
import { giveUpRun, queueRunAgain } from "./give-up-run";
import type { ExecutionHost } from "./host";
import { RunnerUnavailableError } from "./run-step";
import { stopRun } from "./stop-run";
import { sweepUnfinished } from "./sweep";

const database = testDatabase();
let ctx: Context;
let inboxId: string;
let runner: ScriptedRunner;
let host: ExecutionHost;

/** Longer than any test takes, so that nothing begins by itself. */
const policy: RetryPolicy = { attempts: 3, delaySeconds: 600, maxDelaySeconds: 3_600, errorTypes: null };

/** A job with a policy, one that follows its success, and one that follows its failure. */
async function workflow(retry: RetryPolicy | null) {
  const [trigger, one, two, rescue] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const job = (id: string, name: string) => ({
    id,
    name,
    body: "fn(s => s)",
    adaptor: "@openfn/language-common@3.3.4",
  });
  const edge = (targetJobId: string, conditionType: "on_job_success" | "on_job_failure") => ({
    ...{ id: randomUUID(), sourceJobId: one, targetJobId, conditionType },
  });
  await saveWorkflow(
    ctx,
    {
      name: "Visit",
      triggers: [{ id: trigger, type: "message_filter", enabled: true, inclusion: { form: "visit" } }],
      jobs: [{ ...job(one, "Send"), retry }, job(two, "Then"), job(rescue, "Rescue")],
      edges: [
        { id: randomUUID(), sourceTriggerId: trigger, targetJobId: one, conditionType: "always" },
        edge(two, "on_job_success"),
        edge(rescue, "on_job_failure"),
      ],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
}

beforeEach(async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  inboxId = project.inboxId;
  runner = new ScriptedRunner(() => failure());
  host = testExecutionHost(runner);
  await workflow(policy);
});

async function send(): Promise<{ messageId: string; runId: string }> {
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response('{"form":"visit"}').body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  const messageId = accepted?.messageId ?? "";
  const [run] = await database.query<{ id: string }>("select id from runs where message_id = $1", [
    messageId,
  ]);
  return { messageId, runId: run?.id ?? "" };
}

const once: Remember = (_, work) => work();
const execute = (runId: string, by = host) => executeRun(by, runId, once);
/** The pause is over. */
const isDue = (runId: string) => database.query("update runs set retry_at = now() where id = $1", [runId]);
const jobsStarted = () => runner.started.map(({ job }) => job.name);

const runOf = async (runId: string) => {
  const [run] = await database.query<Record<string, unknown>>(
    `select r.state, r.executor_id, r.error_type, round(extract(epoch from r.retry_at - now()))::int as waits, w.state as work_order
     from runs r join work_orders w on w.id = r.work_order_id where r.id = $1`,
    [runId],
  );
  return run;
};
const stepsOf = (runId: string) =>
  database.query<Record<string, unknown>>(
    "select job_name, attempt, exit_reason, runner_id is null as is_nobodys from steps where run_id = $1 order by ordinal",
    [runId],
  );
const attemptsOf = (runId: string) =>
  database.query<Record<string, unknown>>(
    `select a.attempt, a.exit_reason, a.error_type, a.error_message, a.finished_at < a.waits_until as is_before
     from step_attempts a join steps s on s.id = a.step_id where s.run_id = $1 order by a.attempt`,
    [runId],
  );
const stateOf = async (messageId: string) =>
  Object.fromEntries((await getMessage(ctx, messageId)).jobStates.map((one) => [one.jobName, one.result]));
const requestsOf = (runId: string) =>
  database.query<{ data: Record<string, unknown> }>(
    "select data from outbox where event = 'run/requested' and data->>'runId' = $1 order by id",
    [runId],
  );

describe("a job with a retry policy", () => {
  test("is tried again as often as its policy says, and has failed only then", async () => {
    const { messageId, runId } = await send();
    expect(await execute(runId)).toBeNull();
    expect(jobsStarted()).toEqual(["Send"]);
    expect(await runOf(runId)).toMatchObject({ state: "running", executor_id: null, work_order: "running" });
    expect(await stepsOf(runId)).toEqual([
      { job_name: "Send", attempt: 2, exit_reason: null, is_nobodys: true },
    ]);
    expect(await stateOf(messageId)).toEqual({ Send: "in_progress" });

    await isDue(runId);
    expect(await execute(runId)).toBeNull();
    await isDue(runId);
    await execute(runId);
    expect(jobsStarted()).toEqual(["Send", "Send", "Send", "Rescue"]);
    expect(await stepsOf(runId)).toMatchObject([{ attempt: 3, exit_reason: "fail" }, { attempt: 1 }]);
    const failed = { exit_reason: "fail", error_type: "JobError", error_message: "no", is_before: true };
    expect(await attemptsOf(runId)).toEqual([
      { attempt: 1, ...failed },
      { attempt: 2, ...failed },
    ]);
    expect(await stateOf(messageId)).toEqual({ Send: "failure", Rescue: "failure" });
  });

  test("goes on as if nothing had been when an attempt succeeds: same input, one step, one job state", async () => {
    const { messageId, runId } = await send();
    await execute(runId);
    await isDue(runId);
    runner.script = () => ({});
    await execute(runId);
    expect(jobsStarted()).toEqual(["Send", "Send", "Then"]);
    expect(runner.started[1]?.input).toBe(runner.started[0]?.input);
    expect(await runOf(runId)).toMatchObject({ state: "success", work_order: "success", waits: null });
    expect(await stateOf(messageId)).toEqual({ Send: "success", Then: "success" });
    expect(await database.query("select 1 from runs where id = $1 and step_failed", [runId])).toEqual([]);
  });

  test("is a step of its own to the runner in each attempt, under the first one's row", async () => {
    const { runId } = await send();
    await execute(runId);
    await isDue(runId);
    await execute(runId);
    const ids = runner.started.map(({ stepId }) => stepId);
    expect(new Set(ids).size).toBe(2);
    expect(ids.toSorted()).toEqual(ids);
    expect(await stepsOf(runId)).toHaveLength(1);
  });

  test("has no second attempt without a policy, and none of what was lost or is not named", async () => {
    const cases: [RetryPolicy | null, Partial<StepResult>, number][] = [
      [null, failure(), 1],
      [{ ...policy, errorTypes: ["TypeError"] }, failure(), 1],
      [{ ...policy, errorTypes: ["TypeError"] }, failure("TypeError"), 2],
      [policy, { reason: "kill", error: { type: "TimeoutError", message: "" } }, 1],
      [
        { ...policy, errorTypes: ["TimeoutError"] },
        { reason: "kill", error: { type: "TimeoutError", message: "" } },
        2,
      ],
      [policy, { reason: "lost", error: { type: "Lost", message: "" } }, 1],
    ];
    for (const [retry, end, attempt] of cases) {
      const owner = await createTestUser();
      const project = await createTestProject({ owner });
      ctx = contextFor(owner, project);
      inboxId = project.inboxId;
      await workflow(retry);
      runner.script = () => end;
      const { runId } = await send();
      await execute(runId);
      expect((await stepsOf(runId))[0], JSON.stringify([retry, end])).toMatchObject({ attempt });
    }
  });
});

describe("the pause", () => {
  test("is the policy's, and the event for its end is kept until then", async () => {
    const { runId } = await send();
    await execute(runId, { ...host, random: () => 0.5 });
    const waits = Number((await runOf(runId))?.waits);
    expect(waits).toBeGreaterThan(440);
    expect(waits).toBeLessThanOrEqual(450);
    const [, later, ...more] = await requestsOf(runId);
    expect(more).toEqual([]);
    const [run] = await database.query<{ at: number }>(
      "select (extract(epoch from retry_at) * 1000)::float8 as at from runs where id = $1",
      [runId],
    );
    expect(later?.data).toMatchObject({ runId, again: 1, notBefore: Math.ceil(run?.at ?? 0) });
    expect(later?.data).not.toHaveProperty("skipsLane");
  });

  test("is what the other system asked for by Retry-After, within the longest", async () => {
    for (const [asked, waits] of [
      ["120", 120],
      ["86400", 3_600],
    ] as const) {
      const { runId } = await send();
      const details = { statusCode: 429, headers: { "retry-after": asked } };
      runner.script = () => ({ reason: "fail", error: { type: "JobError", message: "429", details } });
      await execute(runId, { ...host, random: () => 0 });
      expect(Math.abs(Number((await runOf(runId))?.waits) - waits)).toBeLessThan(30);
    }
  });

  test("is nobody's: no executor has the run, and a delivery before its time begins nothing", async () => {
    const { runId } = await send();
    await execute(runId);
    expect(host.executor.hasInHand(runId)).toBe(false);
    expect(await host.storage.executedRuns(host.executor.id)).not.toContain(runId);
    for (const by of [host, testExecutionHost(runner)]) expect(await execute(runId, by)).toBeNull();
    expect(jobsStarted()).toEqual(["Send"]);
    expect(await runOf(runId)).toMatchObject({ executor_id: null });
    // Somebody may have loaded it before it was paused.
    expect(await host.storage.takeOver(runId, host.executor.id)).toBeNull();
  });

  test("is waited out by a delivery that comes a moment early", async () => {
    const { runId } = await send();
    await execute(runId);
    await database.query("update runs set retry_at = clock_timestamp() + interval '300 ms' where id = $1", [
      runId,
    ]);
    await execute(runId);
    expect(jobsStarted()).toEqual(["Send", "Send"]);
  });

  test("is left alone by the safety net, which asks for a run a minute after its time, then ever more rarely", async () => {
    const { runId } = await send();
    await execute(runId);
    const asked = async () => (await requestsOf(runId)).length;
    const before = await asked();
    const at = (when: string, handed: string) =>
      database.query(`update runs set retry_at = ${when}, handed_back_at = ${handed} where id = $1`, [runId]);
    await at("now() + interval '1 hour'", "now() - interval '1 day'");
    await sweepUnfinished(host);
    expect(await asked()).toBe(before);
    await at("now() - interval '30 s'", "now() - interval '1 day'");
    await sweepUnfinished(host);
    expect(await asked()).toBe(before);
    await at("now() - interval '61 s'", "now() - interval '1 day'");
    await sweepUnfinished(host);
    expect(await asked()).toBe(before + 1);
    await sweepUnfinished(host);
    expect(await asked()).toBe(before + 1);
    await execute(runId);
    expect(jobsStarted()).toEqual(["Send", "Send"]);
  });

  test("is not ended by a delivery that has failed for good", async () => {
    const { runId } = await send();
    await execute(runId);
    await giveUpRun(host, runId);
    await queueRunAgain(host, runId);
    await execute(runId);
    expect(await runOf(runId)).toMatchObject({ state: "running" });
    expect(jobsStarted()).toEqual(["Send"]);
    await isDue(runId);
    await execute(runId);
    expect(jobsStarted()).toEqual(["Send", "Send"]);
  });

  test("ends as what runs does when its project is deleted", async () => {
    const { runId } = await send();
    await execute(runId);
    await database.query(
      "update projects set deletion_scheduled_at = now(), deletes_at = now() - interval '1 minute' where id = $1",
      [ctx.project.id],
    );
    expect(await cancelRunning(database, ctx.project.id, { announce: () => {} })).toBe(1);
    await stopRun(host, runId, 0);
    expect(await runOf(runId)).toMatchObject({ state: "cancelled" });
  });
});

describe("a run that waits for its next attempt", () => {
  test("is cancelled at once, and nothing of it begins", async () => {
    const { messageId, runId } = await send();
    await execute(runId);
    expect(await cancelRun(ctx, runId)).toEqual({ state: "running" });
    await stopRun(host, runId, 0);
    expect(await runOf(runId)).toMatchObject({ state: "cancelled", work_order: "cancelled" });
    expect(await stepsOf(runId)).toMatchObject([{ exit_reason: "cancel", attempt: 2 }]);
    expect(await stateOf(messageId)).toEqual({ Send: "failure" });
    await execute(runId);
    expect(jobsStarted()).toEqual(["Send"]);
    expect(runner.cancelled).toEqual([]);
  });

  test("is found by the safety net when nobody was told of the cancelling", async () => {
    const { runId } = await send();
    await execute(runId);
    await cancelRun(ctx, runId);
    await database.query("update runs set cancel_requested_at = now() - interval '1 minute' where id = $1", [
      runId,
    ]);
    await sweepUnfinished(host);
    expect(await runOf(runId)).toMatchObject({ state: "cancelled" });
  });

  test("has no next attempt when it is cancelled while the one before fails", async () => {
    const { runId } = await send();
    runner.script = async () => {
      await cancelRun(ctx, runId);
      return failure();
    };
    await execute(runId);
    expect(await runOf(runId)).toMatchObject({ state: "cancelled", waits: null });
    expect(await attemptsOf(runId)).toEqual([]);
  });

  test("is stopped where its later attempt runs", async () => {
    const { runId } = await send();
    await execute(runId);
    await isDue(runId);
    runner.script = async () => {
      await cancelRun(ctx, runId);
      await stopRun(host, runId, 0);
      return { reason: "cancel", error: { type: "Cancelled", message: "" } };
    };
    await execute(runId);
    expect(runner.cancelled).toContain(runner.started[1]?.stepId);
    expect(await runOf(runId)).toMatchObject({ state: "cancelled" });
  });

  test("keeps its attempts when no runner takes the next one, and goes on later", async () => {
    const { runId } = await send();
    await execute(runId);
    await isDue(runId);
    runner.script = () => {
      throw new NotStartedError("it is full.");
    };
    await expect(execute(runId)).rejects.toThrow(RunnerUnavailableError);
    expect(await stepsOf(runId)).toEqual([
      { job_name: "Send", attempt: 2, exit_reason: null, is_nobodys: true },
    ]);
    runner.script = () => ({});
    await execute(runId);
    expect(await stepsOf(runId)).toMatchObject([{ attempt: 2, exit_reason: "success" }, {}]);
    expect(await attemptsOf(runId)).toHaveLength(1);
  });

  test("is not taken for one that nobody can execute because it was handed back for each pause", async () => {
    await database.query(
      "update snapshots set graph = jsonb_set(graph, '{jobs,0,retry,attempts}', '20') where project_id = $1",
      [ctx.project.id],
    );
    const { runId } = await send();
    for (let attempt = 1; attempt < 15; attempt++) {
      await execute(runId);
      await isDue(runId);
    }
    // It began an hour ago, and its executor ends while an attempt runs.
    const old = "now() - interval '2 hours'";
    runner.script = () => new Promise(() => {});
    const other = testExecutionHost(runner);
    void execute(runId, other).catch(() => {});
    await expect.poll(() => runner.started.length, { timeout: 30_000 }).toBe(15);
    await database.query(`update steps set started_at = ${old}, attempted_at = ${old} where run_id = $1`, [
      runId,
    ]);
    await database.query("delete from executors where id = $1", [other.executor.id]);
    const { stepId = "" } = runner.started.at(-1) ?? {};
    runner.known.set(stepId, { ...result(), reason: "success" });
    runner.script = () => ({});
    await execute(runId);
    expect(await runOf(runId)).toMatchObject({ state: "success" });
  });

  test("is told apart in the log: each attempt's lines behind those of the one before", async () => {
    class Talking extends ScriptedRunner {
      override async runStep(request: StepRequest, onLog?: (lines: LogLine[]) => void): Promise<StepResult> {
        onLog?.(
          [0, 1].map((seq) => ({
            seq,
            at: Date.now(),
            level: "info",
            source: "JOB",
            message: `line ${seq}`,
          })),
        );
        return super.runStep(request);
      }
    }
    const talking = testExecutionHost(new Talking(() => failure()));
    const { runId } = await send();
    await execute(runId, talking);
    await isDue(runId);
    await execute(runId, talking);
    const lines = await database.query<{ seq: number; message: string }>(
      "select l.seq, l.message from log_lines l join steps s on s.id = l.step_id where s.run_id = $1 order by l.seq",
      [runId],
    );
    expect(lines).toEqual([
      { seq: 0, message: "line 0" },
      { seq: 1, message: "line 1" },
      {
        seq: 2,
        message: expect.stringMatching(/^Attempt 1 of 3 failed with JobError: no. The next one begins in /),
      },
      { seq: 3, message: "line 0" },
      { seq: 4, message: "line 1" },
      { seq: 5, message: expect.stringMatching(/^Attempt 2 of 3 failed/) },
    ]);
    const [step] = (await getRun(ctx, runId)).detailedSteps;
    expect(step).toMatchObject({ attempt: 3, exitReason: null, retryAt: expect.any(String) });
    expect(step?.attempts).toMatchObject([
      { attempt: 1, exitReason: "fail", exitCode: 1, error: { type: "JobError", message: "no" } },
      { attempt: 2, exitReason: "fail", exitCode: 1, error: { type: "JobError", message: "no" } },
    ]);
    const { items } = await listLogs(ctx, step?.id ?? "", {});
    expect(items.map(({ attempt = 1 }) => attempt)).toEqual([1, 1, 1, 2, 2, 2]);
  });
});

test("a run that holds a result too large to be stored is not paused, since that would be lost", async () => {
  const { runId } = await send();
  host.held.hold(runId, randomUUID(), { text: `"${"x".repeat(limits.keptStateBytes)}"`, hidden: [] });
  await execute(runId);
  expect(jobsStarted()).toEqual(["Send", "Rescue"]);
  const notes = await database.query<{ message: string }>(
    "select l.message from log_lines l join steps s on s.id = l.step_id where s.run_id = $1 and l.source = 'R/T'",
    [runId],
  );
  expect(notes.map(({ message }) => message).join()).toContain("is not tried again");
});

test("what jobs write to the console is not kept where their workflow says so, but for errors", async () => {
  class Talking extends ScriptedRunner {
    override async runStep(request: StepRequest, onLog?: (lines: LogLine[]) => void): Promise<StepResult> {
      const line = { at: Date.now(), message: "said" } as const;
      onLog?.([
        { seq: 0, ...line, level: "info", source: "JOB" },
        { seq: 1, ...line, level: "error", source: "JOB" },
        { seq: 2, ...line, level: "info", source: "ADA" },
        { seq: 3, ...line, level: "debug", source: "JOB" },
      ]);
      return super.runStep(request);
    }
  }
  const talking = testExecutionHost(new Talking(() => ({})));
  await database.query(
    `update snapshots set graph = jsonb_set(graph, '{jobLogs}', 'false') where project_id = $1`,
    [ctx.project.id],
  );
  const { runId } = await send();
  await execute(runId, talking);
  const lines = await database.query(
    `select l.source || ' ' || l.level as line, s.log_lines from log_lines l join steps s on s.id = l.step_id
     where s.run_id = $1 and s.ordinal = 0 order by l.seq`,
    [runId],
  );
  expect(lines).toEqual([
    { line: "JOB error", log_lines: 2 },
    { line: "ADA info", log_lines: 2 },
  ]);
});
