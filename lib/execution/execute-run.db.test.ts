import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Row } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { getMessage } from "@/lib/domain/message/get";
import { listMessages } from "@/lib/domain/message/list";
import { cancelRun } from "@/lib/domain/run/cancel";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { type LogLine, NotStartedError, type StepRequest, type StepResult } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import { dice } from "@/lib/testing/dice";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser, expectRefusal } from "@/lib/testing/fixtures";
import { failure, result, ScriptedRunner } from "@/lib/testing/scripted-runner";
import { decideEdges } from "@/lib/workflow/conditions";
import { type FinishedStep, finalState, runResult } from "@/lib/workflow/result";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { executeRun, type Remember } from "./execute-run";
import { Executor } from "./executor";
import { fireDueCronTriggers } from "./fire-cron";
import { giveUpRun, queueRunAgain } from "./give-up-run";
import type { ExecutionHost } from "./host";
import { postgresStorage } from "./postgres/storage";
import { stopRun } from "./stop-run";
import { sweepUnfinished } from "./sweep";

const database = testDatabase();
let ctx: Context;
let inboxId: string;
let runner: ScriptedRunner;
let host: ExecutionHost;
const jobs = { referral: "", payment: "", notify: "" };
let triggerId: string;

const job = (id: string, name: string) => ({
  id,
  name,
  body: "fn(s => s)",
  adaptor: "@openfn/language-common@3.3.4",
  projectCredentialId: null,
});
const fromTrigger = (targetJobId: string) => ({
  id: randomUUID(),
  sourceTriggerId: triggerId,
  sourceJobId: null,
  targetJobId,
  conditionType: "always" as const,
  conditionExpression: null,
  conditionLabel: null,
  enabled: true,
});

/** Seed 1's example: a message that triggers a case referral job and a payment job; and a catch job after the payment. */
beforeEach(async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  inboxId = project.inboxId;
  triggerId = randomUUID();
  for (const name of ["referral", "payment", "notify"] as const) jobs[name] = randomUUID();
  await saveWorkflow(
    ctx,
    {
      name: "Visit",
      triggers: [{ id: triggerId, type: "message_filter", enabled: true, inclusion: { form: "visit" } }],
      jobs: [job(jobs.referral, "Referral"), job(jobs.payment, "Payment"), job(jobs.notify, "Notify")],
      edges: [
        fromTrigger(jobs.referral),
        fromTrigger(jobs.payment),
        {
          ...fromTrigger(jobs.notify),
          sourceTriggerId: null,
          sourceJobId: jobs.payment,
          conditionType: "on_job_failure",
        },
      ],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  runner = new ScriptedRunner();
  host = testExecutionHost(runner);
});

async function send(body: unknown = { form: "visit" }): Promise<{ messageId: string; runIds: string[] }> {
  const answer = await accept(
    {
      method: "POST",
      segments: [inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: (async function* () {
        yield new TextEncoder().encode(JSON.stringify(body));
      })(),
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  const runs = await database.query<{ id: string }>("select id from runs where message_id = $1", [
    answer.accepted?.messageId,
  ]);
  return { messageId: answer.accepted?.messageId ?? "", runIds: runs.map((r) => r.id) };
}

const once: Remember = (_, work) => work();
const execute = async (runIds: string[]) => {
  for (const id of runIds) await executeRun(host, id, once);
};
const statesOf = async (messageId: string) =>
  Object.fromEntries((await getMessage(ctx, messageId)).jobStates.map((s) => [s.jobName, s.result]));
const runState = async (id: string) =>
  (
    await database.query<{ state: string; error_type: string | null }>(
      "select state, error_type from runs where id = $1",
      [id],
    )
  )[0];

/** Steps back in time everything that happened to a message, for the 10-second rule. */
const elevenSecondsLater = (messageId: string) =>
  database.query(
    `with s as (update steps set started_at = started_at - interval '11 s', finished_at = finished_at - interval '11 s' where message_id = $1)
     update runs set created_at = created_at - interval '11 s' where message_id = $1`,
    [messageId],
  );

describe("seed 1's example", () => {
  test("referral succeeds, payment fails, the payment is rerun and succeeds: two states, three executions", async () => {
    runner.script = ({ job }) => (job.name === "Payment" ? failure() : {});
    const { messageId, runIds } = await send();
    expect(runIds).toHaveLength(1);
    await execute(runIds);
    expect(await statesOf(messageId)).toEqual({ Referral: "success", Payment: "failure", Notify: "success" });

    runner.script = () => ({});
    await elevenSecondsLater(messageId);
    const again = await rerunMessage(ctx, { messageId, jobId: jobs.payment });
    await execute(again.runIds);

    const message = await getMessage(ctx, messageId);
    expect(await statesOf(messageId)).toEqual({ Referral: "success", Payment: "success", Notify: "success" });
    const executions = message.workOrders
      .flatMap((o) => o.runs)
      .flatMap((r) => r.steps.filter((s) => !s.linked));
    expect(executions.filter((s) => s.jobName !== "Notify").map((s) => [s.jobName, s.exitReason])).toEqual([
      ["Referral", "success"],
      ["Payment", "fail"],
      ["Payment", "success"],
    ]);
    expect(message.workOrders.map((o) => o.state)).toEqual(["success"]);
  });

  test("a rerun continues from the steps before it instead of running them again", async () => {
    const { messageId, runIds } = await send();
    await execute(runIds);
    await elevenSecondsLater(messageId);
    const again = await rerunMessage(ctx, { messageId, jobId: jobs.payment });
    await execute(again.runIds);
    const runs = (await getMessage(ctx, messageId)).workOrders.flatMap((o) => o.runs);
    expect(runs.at(-1)?.steps.map((s) => [s.jobName, s.linked])).toEqual([
      ["Referral", true],
      ["Payment", false],
    ]);
    expect(runner.started.filter((r) => r.job.name === "Referral")).toHaveLength(1);
  });

  test("the same message and job start at most once in 10 seconds", async () => {
    const { messageId, runIds } = await send();
    await execute(runIds);
    const error = await expectRefusal(rerunMessage(ctx, { messageId, jobId: jobs.payment }), "conflict");
    expect(error.retryAfterSeconds).toBeGreaterThan(5);
    await elevenSecondsLater(messageId);
    const both = await Promise.allSettled(
      [1, 2].map(() => rerunMessage(ctx, { messageId, jobId: jobs.payment })),
    );
    expect(both.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("job states", () => {
  test("in progress until the first execution has finished, then the last finished one", async () => {
    const { messageId, runIds } = await send();
    runner.script = async ({ job }) => {
      if (job.name === "Referral") expect(await statesOf(messageId)).toEqual({ Referral: "in_progress" });
      return {};
    };
    await execute(runIds);
    expect(runner.started.map((r) => r.job.name)).toEqual(["Referral", "Payment"]);
  });

  test("an older execution that finishes later decides, and a running one is shown beside the state", async () => {
    const { messageId, runIds } = await send();
    await execute(runIds);
    await elevenSecondsLater(messageId);
    const { runIds: rerun } = await rerunMessage(ctx, { messageId, jobId: jobs.payment });
    runner.script = async () => {
      const state = (await getMessage(ctx, messageId)).jobStates.find((s) => s.jobName === "Payment");
      expect([state?.result, state?.running]).toEqual(["success", true]);
      return failure();
    };
    await executeRun(host, rerun[0] ?? "", (_, work) => work()).catch(() => {});
    expect((await statesOf(messageId)).Payment).toBe("failure");
  });

  test("the inbox filters by state and job", async () => {
    runner.script = ({ job }) => (job.name === "Payment" ? failure() : {});
    const failed = await send();
    await execute(failed.runIds);
    runner.script = () => ({});
    const fine = await send();
    await execute(fine.runIds);
    const waiting = await send();
    const unmatched = await send({ form: "other" });
    const ids = async (filter: object) => (await listMessages(ctx, filter)).items.map((m) => m.id);
    expect(await ids({ state: "failure" })).toEqual([failed.messageId]);
    expect(await ids({ state: "success", job: jobs.payment })).toEqual([fine.messageId]);
    expect(await ids({ state: "waiting" })).toEqual([waiting.messageId]);
    expect(await ids({ state: "unmatched" })).toEqual([unmatched.messageId]);
    expect(await ids({ text: "OTHER" })).toEqual([unmatched.messageId]);
    expect(await ids({})).toEqual([unmatched, waiting, fine, failed].map((m) => m.messageId));
    const page = await listMessages(ctx, { limit: 3 });
    expect(await ids({ cursor: page.nextCursor ?? "" })).toEqual([failed.messageId]);
  });
});

describe("once or not at all", () => {
  test("a run that is delivered twice runs each job once", async () => {
    const { runIds } = await send();
    await Promise.all([execute(runIds), execute(runIds)]);
    expect(runner.started.length).toBeLessThanOrEqual(3);
    expect(new Set(runner.started.map((r) => r.stepId)).size).toBe(runner.started.length);
    await execute(runIds);
    expect(new Set(runner.started.map((r) => r.job.name)).size).toBe(runner.started.length);
  });

  test("a job whose engine died is followed when the runner still knows it", async () => {
    const { messageId, runIds } = await send();
    await dieInside(runIds[0] ?? "");
    for (const { id } of await database.query<{ id: string }>("select id from steps where message_id = $1", [
      messageId,
    ]))
      runner.known.set(id, result());
    await execute(runIds);
    expect((await statesOf(messageId)).Referral).toBe("success");
    expect(runner.started.map((r) => r.job.name)).toEqual(["Payment"]);
  });

  test("a job nobody knows any more is lost, is not run again, and ends the run", async () => {
    const { messageId, runIds } = await send();
    await dieInside(runIds[0] ?? "");
    await execute(runIds);
    expect(runner.started).toEqual([]);
    expect(await runState(runIds[0] ?? "")).toEqual({ state: "lost", error_type: "Lost" });
    expect((await statesOf(messageId)).Referral).toBe("failure");
  });

  test("a runner that cannot be reached starts nothing, and the job runs when it is back", async () => {
    const { runIds } = await send();
    runner.script = () => {
      throw new NotStartedError("connect");
    };
    await expect(execute(runIds)).rejects.toThrow("cannot be reached");
    runner.script = () => ({});
    await execute(runIds);
    expect(await runState(runIds[0] ?? "")).toEqual({ state: "success", error_type: null });
  });

  test("the sweeper hands back what nobody executes, and leaves what waits to whoever knows the queue", async () => {
    const { runIds } = await send();
    const waiting = await send();
    await database.query("delete from outbox where data->>'runId' = any($1)", [
      [...runIds, ...waiting.runIds],
    ]);
    await dieInside(runIds[0] ?? "");
    await database.query("update runs set created_at = now() - interval '1 hour' where id = $1", [
      waiting.runIds[0],
    ]);
    const ours = [runIds[0] ?? "", waiting.runIds[0] ?? ""];
    const sent = async () => {
      await sweepUnfinished(host);
      const rows = await database.query<{ data: Record<string, unknown> }>(
        "select data from outbox where data->>'runId' = any($1) order by id",
        [ours],
      );
      return rows.map(({ data }) => [data.runId, data.again, data.skipsLane]);
    };
    const once = [[ours[0], 1, true]];
    expect(await sent()).toEqual(once);
    expect((await runState(ours[0] ?? ""))?.state).toBe("running");
    expect(await sent()).toEqual(once);
  });

  test("the sweeper takes nobody for gone when it slept itself, as with the whole machine", async () => {
    const { runIds } = await send();
    let wake = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    runner.script = () => woken.then(() => ({}));
    const executor = new Executor({ storage: host.storage, announce: () => {}, beatMs: 0 });
    const awake = { ...host, executor };
    const executing = executeRun(awake, runIds[0] ?? "", once);
    await vi.waitFor(() => expect(runner.started).toHaveLength(1), { timeout: 10_000 });
    const now = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(now + 60_000);
    try {
      expect(executor.isSteady).toBe(true);
      await database.query("update executors set beat_at = now() - interval '8 hours' where id = $1", [
        executor.id,
      ]);
      await sweepUnfinished(awake);
      expect(executor.isSteady).toBe(false);
    } finally {
      vi.restoreAllMocks();
    }
    const [run] = await database.query("select executor_id, asked_again from runs where id = $1", [
      runIds[0],
    ]);
    expect(run).toEqual({ executor_id: executor.id, asked_again: 0 });
    wake();
    await executing;
  });

  test("a job that could not be asked to stop when its run was cancelled is asked again", async () => {
    const { runIds } = await send();
    const [runId = ""] = runIds;
    await dieInside(runId);
    await cancelRun(ctx, runId);
    runner.cancelStep = () => Promise.reject(new Error("The runner cannot be reached."));
    await expect(stopRun(host, runId, 0)).rejects.toThrow("cannot be reached");
    const asked: string[] = [];
    runner.cancelStep = async (stepId) => void asked.push(stepId);
    const [step] = await database.query<{ id: string }>("select id from steps where run_id = $1", [runId]);
    await sweepUnfinished(host);
    expect(asked).not.toContain(step?.id);
    await database.query("update runs set cancel_requested_at = now() - interval '1 minute' where id = $1", [
      runId,
    ]);
    await sweepUnfinished(host);
    expect(asked).toContain(step?.id);
  });

  test("a run whose engine died in its first job goes on with the second; a failure's catch job starts", async () => {
    const { messageId, runIds } = await send();
    await dieInside(runIds[0] ?? "");
    await sweepUnfinished(host);
    for (const { id } of await database.query<{ id: string }>("select id from steps where message_id = $1", [
      messageId,
    ]))
      runner.known.set(id, result(failure()));
    runner.script = ({ job }) => (job.name === "Payment" ? failure() : {});
    await execute(runIds);
    expect(runner.started.map((r) => r.job.name)).toEqual(["Payment", "Notify"]);
    expect(await statesOf(messageId)).toEqual({ Referral: "failure", Payment: "failure", Notify: "success" });
  });
});

describe("what a person sees", () => {
  const stepsOf = async (messageId: string) =>
    (await getMessage(ctx, messageId)).workOrders.flatMap((order) => order.runs).flatMap((run) => run.steps);

  test("a step that was lost before it did anything is done again, and says so in its row and its log", async () => {
    const { messageId, runIds } = await send();
    runner.script = ({ job, attempt }) =>
      job.name === "Referral" && attempt === 0
        ? { reason: "lost", untouched: true, error: { type: "Lost", message: "The worker ended." } }
        : {};
    await execute(runIds);
    const [referral, payment] = await stepsOf(messageId);
    expect(referral).toMatchObject({ jobName: "Referral", exitReason: "success", repeats: 1, logLines: 1 });
    expect(payment).toMatchObject({ repeats: 0, logLines: 0 });
    expect(runner.started.map(({ job, attempt }) => [job.name, attempt])).toEqual([
      ["Referral", 0],
      ["Referral", 1],
      ["Payment", 0],
    ]);
    const lines = await database.query(
      "select seq, level, source, message from log_lines where step_id = $1",
      [referral?.id],
    );
    expect(lines).toEqual([
      {
        seq: 0,
        level: "warn",
        source: "R/T",
        message: "The step was lost before it had sent anything to anybody, so it is done again.",
      },
    ]);
  });

  test("the last lines of a step's log are stored with its end, and by themselves where that cannot be stored", async () => {
    const line = {
      seq: 0,
      at: Date.now(),
      level: "info",
      source: "JOB",
      message: '\ud800 \u0000 it\'s "done"',
    } as const;
    const runStep = runner.runStep.bind(runner);
    const speaking = Object.assign(runner, {
      async runStep(request: StepRequest, onLog: (lines: LogLine[]) => void) {
        if (request.job.name === "Referral") onLog([line]);
        return runStep(request);
      },
    });
    const { storage, ...others } = testExecutionHost(speaking);
    const linesOf = (messageId: string) =>
      database.query<{ at: Date; message: string }>(
        "select at, level, source, message from log_lines where step_id in (select id from steps where message_id = $1)",
        [messageId],
      );
    const alone = vi.fn(storage.appendLog);
    const kept = await send();
    await executeRun({ ...others, storage: { ...storage, appendLog: alone } }, kept.runIds[0] ?? "", once);
    expect(alone).not.toHaveBeenCalled();
    const away = await send();
    const completeSteps = async () => Promise.reject(new Error("away"));
    await expect(
      executeRun({ ...others, storage: { ...storage, completeSteps } }, away.runIds[0] ?? "", once),
    ).rejects.toThrow("away");
    for (const { messageId } of [kept, away])
      expect(await linesOf(messageId)).toEqual([
        { at: new Date(line.at), level: "info", source: "JOB", message: '\ufffd \ufffd it\'s "done"' },
      ]);
  });

  test("what a step says that is done again stands behind what was stored of it by whoever had it before", async () => {
    const { messageId, runIds } = await send();
    const line = (seq: number, message: string) =>
      ({ seq, at: Date.now(), level: "info", source: "JOB", message }) as const;
    await dieInside(runIds[0] ?? "");
    const [step] = await database.query<{ id: string }>("select id from steps where message_id = $1", [
      messageId,
    ]);
    await host.storage.appendLog(step?.id ?? "", [line(0, "first"), line(1, "first, too")]);
    runner.followStep = async () => ({ kind: "gone", hosts: [] });
    const runStep = runner.runStep.bind(runner);
    const speaking = Object.assign(runner, {
      async runStep(request: StepRequest, onLog: (lines: LogLine[]) => void) {
        if (request.job.name === "Referral") onLog([line(0, "again"), line(1, "again, too")]);
        return runStep(request);
      },
    });
    await executeRun(testExecutionHost(speaking), runIds[0] ?? "", once);
    const [referral] = await stepsOf(messageId);
    expect(referral).toMatchObject({ exitReason: "success", repeats: 1, logLines: 5 });
    const lines = await database.query<{ message: string }>(
      "select message from log_lines where step_id = $1 order by seq",
      [step?.id],
    );
    expect(lines.map(({ message }) => message)).toEqual([
      "first",
      "first, too",
      "The step was lost before it had sent anything to anybody, so it is done again.",
      "again",
      "again, too",
    ]);
  });

  test("one that is lost so every time is lost after three, and says how often it was tried", async () => {
    const { messageId, runIds } = await send();
    runner.script = () => ({
      reason: "lost",
      untouched: true,
      error: { type: "Lost", message: "It ended." },
    });
    await execute(runIds);
    expect(await stepsOf(messageId)).toMatchObject([
      { exitReason: "lost", repeats: 2, error: { message: "It ended. It was tried 3 times." } },
    ]);
    expect((await runState(runIds[0] ?? ""))?.state).toBe("lost");
  });

  test("one that is lost with its runner names the hosts that it had reached, and how much had been sent", async () => {
    const { messageId, runIds } = await send();
    await dieInside(runIds[0] ?? "");
    runner.followStep = async () => ({
      kind: "gone",
      hosts: [{ host: "registry.example.org", port: 443, bytesSent: 1_234 }],
    });
    await execute(runIds);
    const [step] = await stepsOf(messageId);
    expect(step).toMatchObject({
      exitReason: "lost",
      connections: [{ host: "registry.example.org", port: 443, bytesSent: 1_234 }],
    });
    expect(step?.error?.message).toContain("registry.example.org:443 (1,234 bytes)");
  });
});

describe("a run is handed back, and goes on elsewhere", () => {
  const heldBy = async (runId: string) =>
    (
      await database.query<{ executor_id: string | null; asked_again: number; state: string }>(
        "select executor_id, asked_again, state from runs where id = $1",
        [runId],
      )
    )[0];

  const askedAgain = async (runId: string) =>
    (
      await database.query<{ again: number; skipsLane: boolean }>(
        `select (data->>'again')::int as again, (data->>'skipsLane')::boolean as "skipsLane" from outbox
         where data->>'runId' = $1 and data ? 'again' order by id`,
        [runId],
      )
    ).map(({ again, skipsLane }) => ({ again, skipsLane }));

  test("between two steps, by an executor that is being stopped", async () => {
    const { runIds } = await send();
    const [runId = ""] = runIds;
    const stopping = { ...host, isStopping: () => runner.started.length > 0 };
    expect(await executeRun(stopping, runId, once)).toBeNull();
    expect(runner.started.map((r) => r.job.name)).toEqual(["Referral"]);
    expect(await heldBy(runId)).toEqual({ executor_id: null, asked_again: 1, state: "running" });
    // Its function has ended: the run takes its lane again, so that a limit of one at a time holds.
    expect(await askedAgain(runId)).toEqual([{ again: 1, skipsLane: false }]);
    await executeRun(testExecutionHost(runner), runId, once);
    expect(runner.started.map((r) => r.job.name)).toEqual(["Referral", "Payment"]);
    expect((await runState(runId))?.state).toBe("success");
  });

  test("by its own executor, when the function that had it stopped without a word", async () => {
    const { runIds } = await send();
    const [runId = ""] = runIds;
    let isFirst = true;
    const stopsAfterOne: Remember = async (_, work) => {
      if (!isFirst) return new Promise<never>(() => {});
      isFirst = false;
      return work();
    };
    void executeRun(host, runId, stopsAfterOne);
    await vi.waitFor(
      async () => expect(await statesOf((await messageOf(runId)) ?? "")).toEqual({ Referral: "success" }),
      {
        timeout: 10_000,
      },
    );
    // It may be between two steps.
    expect(await host.executor.look()).toBe(0);
    host.executor.drop(runId);
    expect(await host.executor.look()).toBe(1);
    expect(await heldBy(runId)).toEqual({ executor_id: null, asked_again: 1, state: "running" });
    await execute(runIds);
    expect(runner.started.map((r) => r.job.name)).toEqual(["Referral", "Payment"]);
  });

  const messageOf = async (runId: string) =>
    (await database.query<{ id: string }>("select message_id as id from runs where id = $1", [runId]))[0]?.id;

  test("no more when its delivery failed for good: it ends, and a step that runs ends as it ends", async () => {
    const { messageId, runIds } = await send();
    const [runId = ""] = runIds;
    await dieInside(runId);
    for (const { id } of await database.query<{ id: string }>("select id from steps where run_id = $1", [
      runId,
    ]))
      runner.known.set(id, result());
    await giveUpRun(host, runId);
    expect(await statesOf(messageId)).toEqual({ Referral: "success" });
    expect(await runState(runId)).toEqual({ state: "exception", error_type: "ExecutionError" });
    const other = await send();
    await giveUpRun(host, other.runIds[0] ?? "");
    expect(await runState(other.runIds[0] ?? "")).toEqual({
      state: "exception",
      error_type: "ExecutionError",
    });
  });

  test("and queues again when all that was wrong is that no runner took it", async () => {
    const { runIds } = await send();
    const [runId = ""] = runIds;
    await queueRunAgain(host, runId);
    expect(await heldBy(runId)).toEqual({ executor_id: null, asked_again: 1, state: "pending" });
    runner.script = async () => {
      await queueRunAgain(testExecutionHost(new ScriptedRunner()), runId);
      return {};
    };
    await execute(runIds);
    expect(await runState(runId)).toMatchObject({ state: "success" });
    expect(await heldBy(runId)).toMatchObject({ asked_again: 1 });
  });

  test("and is not given up while somebody else executes it", async () => {
    const { runIds } = await send();
    const [runId = ""] = runIds;
    runner.script = async ({ job }) => {
      if (job.name === "Referral") await giveUpRun(testExecutionHost(new ScriptedRunner()), runId);
      return {};
    };
    await execute(runIds);
    expect((await runState(runId))?.state).toBe("success");
  });
});

test("an engine remembers nothing that a job said, and a run that goes on ends with it", async () => {
  const said = `No account of Amina-${randomUUID()}`;
  runner.script = () => failure("JobError", said);
  const { runIds } = await send();
  const [runId = ""] = runIds;
  const known = new Map<string, Awaited<ReturnType<Remember>>>();
  /** Dies before each step but one, so that every delivery knows the others by what is remembered. */
  const oneEach = (): Remember => {
    let isDone = false;
    return async (name, work) => {
      const before = known.get(name);
      if (before) return before;
      if (isDone) throw new Error("killed");
      isDone = true;
      known.set(name, await work());
      return JSON.parse(JSON.stringify(known.get(name)));
    };
  };
  for (let delivery = 0; delivery < 3; delivery++) await executeRun(host, runId, oneEach()).catch(() => {});
  expect(known.size).toBe(3);
  expect(JSON.stringify([...known])).not.toContain(said);
  const [run] = await database.query("select state, error_message from runs where id = $1", [runId]);
  expect(run).toEqual({ state: "failed", error_message: said });
});

describe("what was decided once is read, whoever goes on", () => {
  const decided = { referral: randomUUID(), payment: randomUUID() };
  const stopAfterOne = () => {
    const before = runner.started.length;
    return { ...host, isStopping: () => runner.started.length > before };
  };
  const stepsOf = (runId: string) =>
    database.query<{ ordinal: number; job_name: string; exit_reason: string | null; repeats: number }>(
      "select ordinal, job_name, exit_reason, repeats from steps where run_id = $1 order by ordinal",
      [runId],
    );

  /** Both edges that leave the trigger have expressions. */
  async function decideByExpressions(): Promise<void> {
    const expression = {
      conditionType: "js_expression" as const,
      conditionExpression: "Math.random() < 0.5",
    };
    await saveWorkflow(
      ctx,
      {
        name: "By chance",
        triggers: [{ id: triggerId, type: "message_filter", enabled: true, inclusion: { form: "chance" } }],
        jobs: [job(jobs.referral, "Referral"), job(jobs.payment, "Payment"), job(jobs.notify, "Notify")],
        edges: [
          { ...fromTrigger(jobs.referral), ...expression, id: decided.referral },
          { ...fromTrigger(jobs.payment), ...expression, id: decided.payment },
          ...[jobs.referral, jobs.payment].map((sourceJobId) => ({
            ...fromTrigger(jobs.notify),
            ...{ sourceTriggerId: null, sourceJobId },
          })),
        ],
      },
      { resolveAdaptor: async (_, version) => ({ version }) },
    );
  }

  beforeEach(async () => {
    for (const name of ["referral", "payment"] as const) decided[name] = randomUUID();
    for (const name of ["referral", "payment", "notify"] as const) jobs[name] = randomUUID();
    triggerId = randomUUID();
    await decideByExpressions();
    runner.evaluate = async () => ({ [decided.referral]: true, [decided.payment]: false });
  });

  const laterAnswers: Record<string, () => Promise<StepResult["conditions"]>> = {
    "the other edge": async () => ({ [decided.referral]: false, [decided.payment]: true }),
    "both edges": async () => ({ [decided.referral]: true, [decided.payment]: true }),
    "no edge": async () => ({ [decided.referral]: false, [decided.payment]: false }),
    "an error": async () => ({
      [decided.referral]: { type: "TypeError", message: "no" },
      [decided.payment]: true,
    }),
    nothing: () => Promise.reject(new Error("The runner is not there.")),
  };

  test.each(Object.keys(laterAnswers))("a trigger's expressions, which later come to %s", async (answer) => {
    const { runIds } = await send({ form: "chance" });
    const [runId = ""] = runIds;
    expect(await executeRun(stopAfterOne(), runId, once)).toBeNull();
    runner.evaluate = laterAnswers[answer] ?? runner.evaluate;
    await executeRun(testExecutionHost(runner), runId, once);
    expect(runner.started.map((r) => r.job.name)).toEqual(["Referral", "Notify"]);
    expect(await runState(runId)).toEqual({ state: "success", error_type: null });
  });

  test("and of two who decide at once, what the one decided who opened the run", async () => {
    const { runIds } = await send({ form: "chance" });
    const [runId = ""] = runIds;
    let evaluations = 0;
    let bothHave = () => {};
    const both = new Promise<void>((resolve) => {
      bothHave = resolve;
    });
    runner.evaluate = async () => {
      const isFirst = evaluations++ === 0;
      if (evaluations >= 2) bothHave();
      await both;
      return { [decided.referral]: isFirst, [decided.payment]: !isFirst };
    };
    runner.followStep = async () => ({ kind: "gone", hosts: [] });
    await Promise.all([host, testExecutionHost(runner)].map((each) => executeRun(each, runId, once)));
    const [first, second] = await stepsOf(runId);
    expect([first?.job_name, second?.job_name]).toEqual([
      expect.stringMatching(/Referral|Payment/),
      "Notify",
    ]);
    expect((await stepsOf(runId)).length).toBe(2);
    expect((await runState(runId))?.state).toBe("success");
  });

  test("a run whose expressions take no edge ends without a step", async () => {
    runner.evaluate = async () => ({ [decided.referral]: false, [decided.payment]: false });
    const { runIds } = await send({ form: "chance" });
    await execute(runIds);
    expect(await stepsOf(runIds[0] ?? "")).toEqual([]);
    expect(await runState(runIds[0] ?? "")).toEqual({ state: "success", error_type: null });
  });

  test.each(["its first step has ended", "its first step runs"])(
    "a run that needs its input no more goes on without it: %s",
    async (when) => {
      const { runIds } = await send({ form: "chance" });
      const [runId = ""] = runIds;
      const [clip] = await database.query<{ id: string }>(
        "insert into dataclips (project_id, type, body, size) values ($1, 'saved_input', '{}', 2) returning id",
        [ctx.project.id],
      );
      await database.query("update runs set dataclip_id = $2 where id = $1", [runId, clip?.id]);
      if (when === "its first step runs") await dieInside(runId);
      else await executeRun(stopAfterOne(), runId, once);
      await database.query("update dataclips set body = null, wiped_at = now() where id = $1", [clip?.id]);
      runner.followStep = async () => ({ kind: "result", result: result() });
      await executeRun(testExecutionHost(runner), runId, once);
      expect(await stepsOf(runId)).toMatchObject([{ exit_reason: "success" }, { exit_reason: "success" }]);
      expect(await runState(runId)).toEqual({ state: "success", error_type: null });
    },
  );

  test("how often a step may be done again, though no runner took it in between", async () => {
    const { messageId, runIds } = await send({ form: "chance" });
    const [runId = ""] = runIds;
    // Every other time nobody is there.
    let offers = 0;
    let begun = 0;
    runner.script = () => {
      if (offers++ % 2 === 1) throw new NotStartedError("connect");
      begun++;
      return { reason: "lost", untouched: true, error: { type: "Lost", message: "It ended." } };
    };
    runner.followStep = async () => ({ kind: "gone", hosts: null });
    for (const repeats of [1, 2]) {
      await expect(execute(runIds)).rejects.toThrow("cannot be reached");
      expect(await stepsOf(runId)).toMatchObject([{ exit_reason: null, repeats }]);
      expect(await statesOf(messageId)).toEqual({ Referral: "in_progress" });
    }
    await execute(runIds);
    expect(begun).toBe(3);
    expect(await stepsOf(runId)).toMatchObject([{ exit_reason: "lost", repeats: 2 }]);
    const lines = await database.query(
      "select 1 from log_lines l join steps s on s.id = l.step_id where s.run_id = $1",
      [runId],
    );
    expect(lines).toHaveLength(2);
  });

  test("a step that had begun once is not taken away when its run is given up, and a cancelled one ends so", async () => {
    for (const [how, state] of [
      ["given up", "exception"],
      ["cancelled", "cancelled"],
    ] as const) {
      const { messageId, runIds } = await send({ form: "chance" });
      const [runId = ""] = runIds;
      let isFirst = true;
      runner.script = () => {
        if (!isFirst) throw new NotStartedError("connect");
        isFirst = false;
        return { reason: "lost", untouched: true, error: { type: "Lost", message: "It ended." } };
      };
      await expect(execute(runIds)).rejects.toThrow("cannot be reached");
      if (how === "cancelled") {
        await cancelRun(ctx, runId);
        await execute(runIds);
      } else await giveUpRun(host, runId);
      expect(await stepsOf(runId)).toMatchObject([
        { exit_reason: how === "cancelled" ? "cancel" : "lost", repeats: 1 },
      ]);
      expect((await runState(runId))?.state).toBe(state);
      expect(await statesOf(messageId)).toEqual({ Referral: "failure" });
    }
  });
});

test("a run in whose way nothing is costs a statement to load, and two a job", async () => {
  const { runIds } = await send();
  await execute((await send()).runIds);
  const names: (string | undefined)[] = [];
  const counted = {
    ...database,
    query: <T extends Row>(text: string, values?: unknown[], name?: string) => {
      names.push(name);
      return database.query<T>(text, values, name);
    },
  };
  await host.executor.ready();
  await executeRun({ ...host, storage: postgresStorage(counted) }, runIds[0] ?? "", once);
  const perStep = ["start-step", "complete-step"];
  expect(names.filter((name) => name !== "read-state")).toEqual(["load-runs", ...perStep, ...perStep]);
});

/** An engine that dies while the first job runs: the step's row is there, nobody hears of its end. */
async function dieInside(runId: string): Promise<void> {
  const silent = Object.assign(new ScriptedRunner(), {
    evaluate: runner.evaluate,
    runStep: () => new Promise<never>(() => {}),
  });
  const dying = testExecutionHost(silent);
  void executeRun(dying, runId, once);
  await vi.waitFor(
    async () =>
      expect(await database.query("select 1 from steps where run_id = $1", [runId])).toHaveLength(1),
    { timeout: 10_000 },
  );
  await dying.executor.leave();
}

describe("ends", () => {
  test("a crash aborts the branches that wait", async () => {
    runner.script = () => ({
      reason: "crash",
      output: null,
      error: { type: "SyntaxError", message: "Unexpected token" },
    });
    const { messageId, runIds } = await send();
    await execute(runIds);
    expect(await runState(runIds[0] ?? "")).toEqual({ state: "crashed", error_type: "SyntaxError" });
    expect(await statesOf(messageId)).toEqual({ Referral: "failure" });
  });

  test("cancelled while it waits: never starts; cancelled between jobs: nothing follows", async () => {
    const waiting = await send();
    await cancelRun(ctx, waiting.runIds[0] ?? "");
    await execute(waiting.runIds);
    expect(runner.started).toEqual([]);
    expect(await runState(waiting.runIds[0] ?? "")).toEqual({ state: "cancelled", error_type: "Cancelled" });

    const running = await send();
    runner.script = async () => {
      await cancelRun(ctx, running.runIds[0] ?? "");
      return {};
    };
    await execute(running.runIds);
    expect(runner.started.map((r) => r.job.name)).toEqual(["Referral"]);
    expect((await runState(running.runIds[0] ?? ""))?.state).toBe("cancelled");
    await expectRefusal(cancelRun(ctx, running.runIds[0] ?? ""), "conflict");
  });

  test("an unmatched message is processed by hand with a chosen job", async () => {
    const { messageId } = await send({ form: "other" });
    const { runIds } = await rerunMessage(ctx, { messageId, jobId: jobs.payment });
    await execute(runIds);
    expect(await statesOf(messageId)).toEqual({ Payment: "success" });
    expect(JSON.parse(runner.started[0]?.input ?? "")).toMatchObject({
      data: { form: "other" },
      request: { method: "POST" },
    });
  });
});

describe("cron", () => {
  test("a due trigger fires once, starts from {} and then from the last success", async () => {
    const cron = { id: randomUUID(), type: "cron" as const, enabled: true, cronExpression: "*/5 * * * *" };
    const nightly = randomUUID();
    const saved = await saveWorkflow(
      ctx,
      {
        name: "Nightly",
        triggers: [cron],
        jobs: [job(nightly, "Nightly")],
        edges: [{ ...fromTrigger(nightly), sourceTriggerId: cron.id }],
      },
      { resolveAdaptor: async (_, version) => ({ version }) },
    );
    const fire = async () => {
      const at = new Date(Date.now() + 600_000);
      await Promise.all([fireDueCronTriggers(host, at), fireDueCronTriggers(host, at)]);
      await database.query("update triggers set next_run_at = now() where id = $1", [cron.id]);
      const runs = await database.query<{ id: string }>(
        "select id from runs where workflow_id = $1 and state = 'pending'",
        [saved.id],
      );
      await execute(runs.map((r) => r.id));
      return runs.length;
    };
    runner.script = () => ({ output: '{"cursor":7}' });
    expect(await fire()).toBe(1);
    expect(await fire()).toBe(1);
    expect(runner.started.filter((r) => r.job.name === "Nightly").map((r) => r.input)).toEqual([
      "{}",
      '{"cursor":7}',
    ]);
  });

  /** A workflow that the clock starts with these jobs, and a way to let it start once more. */
  async function clockwork(jobIds: string[], edges: Edge[], isOn = true) {
    const cron = { id: randomUUID(), type: "cron" as const, enabled: true, cronExpression: "*/5 * * * *" };
    const { id } = await saveWorkflow(
      ctx,
      {
        name: `Clock ${cron.id}`,
        triggers: [cron],
        jobs: jobIds.map((jobId) => job(jobId, jobId)),
        edges: [
          { ...fromTrigger(jobIds[0] ?? ""), sourceTriggerId: cron.id, enabled: isOn },
          ...edges.map(([from, to, conditionType]) => ({
            ...fromTrigger(to),
            sourceTriggerId: null,
            sourceJobId: from,
            conditionType,
          })),
        ],
      },
      { resolveAdaptor: async (_, version) => ({ version }) },
    );
    /** Returns what the first job got; undefined when no run was made. */
    const fire = async (): Promise<unknown> => {
      await database.query("update triggers set next_run_at = now() - interval '1 minute' where id = $1", [
        cron.id,
      ]);
      await fireDueCronTriggers(host);
      const runs = await database.query<{ id: string }>(
        "select id from runs where workflow_id = $1 and state = 'pending'",
        [id],
      );
      const before = runner.started.length;
      await execute(runs.map((run) => run.id));
      const input = runner.started[before]?.input;
      return input === undefined ? undefined : JSON.parse(input);
    };
    return { id, cron, fire };
  }

  type Edge = [from: string, to: string, condition: "always" | "on_job_success" | "on_job_failure"];

  test("a run of several leaves hands {leaf: state} to the next, with -1 for a job that runs twice", async () => {
    const [a, b, c, d] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const { fire } = await clockwork(
      [a, b, c, d],
      [
        [a, b, "always"],
        [a, c, "always"],
        [b, d, "always"],
        [c, d, "always"],
        [a, d, "on_job_failure"],
      ],
    );
    let n = 0;
    runner.script = () => ({ output: `{"n":${n++},"exact":9007199254740993.0}` });
    expect(await fire()).toEqual({});
    const exact = JSON.parse("9007199254740993.0");
    expect(await fire()).toEqual({ [d]: { n: 3, exact }, [`${d}-1`]: { n: 4, exact } });
    const [kept] = await database.query<{ body: string }>(
      "select body from dataclips where project_id = $1 and type = 'global' and body <> '{}'",
      [ctx.project.id],
    );
    expect(kept?.body).toBe(
      `{"${d}":{"n":3,"exact":9007199254740993.0},"${d}-1":{"n":4,"exact":9007199254740993.0}}`,
    );
  });

  test("what may not be shown of one leaf is handed on, and not shown of the whole", async () => {
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const { fire } = await clockwork(
      [a, b, c],
      [
        [a, b, "always"],
        [a, c, "always"],
      ],
    );
    runner.script = ({ job }) =>
      job.id === b
        ? { output: '{"pin":"hush"}', shown: { text: '{"pin":"***"}', hidden: ["hush"] } }
        : { output: '{"n":1}' };
    expect(await fire()).toEqual({});
    expect(await fire()).toEqual({ [b]: { pin: "hush" }, [c]: { n: 1 } });
    expect(runner.started[3]?.hidden).toEqual(["hush"]);
    const bodies = await database.query<{ body: string }>(
      "select body from dataclips where project_id = $1 and type = 'global' order by id",
      [ctx.project.id],
    );
    expect(bodies.map(({ body }) => body)).toEqual(["{}", `{"${b}":{"pin":"***"},"${c}":{"n":1}}`]);
  });

  test("whatever a run did, the next one gets the final state that the rule in memory says", async () => {
    const ids: string[] = Array.from({ length: 5 }, () => randomUUID());
    for (let seed = 1; seed <= 12; seed++) {
      const roll = dice(seed);
      const edges = ids.flatMap((from, i) =>
        ids.slice(i + 1).flatMap((to): Edge[] => {
          const condition = (["always", "on_job_success", "on_job_failure"] as const)[roll(5)];
          return condition ? [[from, to, condition]] : [];
        }),
      );
      const of: string[] = ids.map(() => randomUUID());
      const renamed = (one: string) => of[ids.indexOf(one)] ?? "";
      const { id, cron, fire } = await clockwork(
        of,
        edges.map(([from, to, condition]): Edge => [renamed(from), renamed(to), condition]),
      );
      const done: FinishedStep[] = [];
      const outputs: unknown[] = [];
      const [saved] = await database.query<{ graph: WorkflowGraph }>(
        "select graph from snapshots where workflow_id = $1",
        [id],
      );
      if (!saved) throw new Error("The workflow was not saved.");
      runner.script = ({ job }) => {
        const isSuccess = roll(3) > 0;
        const output = { of: job.id, n: outputs.length };
        outputs.push(output);
        const reason = isSuccess ? "success" : "fail";
        const decided = decideEdges(saved.graph, { jobId: job.id }, reason, {});
        done.push({
          reason,
          takenEdgeIds: "takenEdgeIds" in decided ? decided.takenEdgeIds : [],
          errorType: null,
          errorMessage: null,
        });
        return {
          reason,
          output: JSON.stringify(output),
          ...(isSuccess ? {} : { error: { type: "JobError", message: "no" } }),
        };
      };
      expect(await fire()).toEqual({});
      const begin = saved.graph.edges
        .filter((edge) => edge.sourceTriggerId === cron.id)
        .map((edge) => edge.id);
      const start = { triggerId: cron.id, takenEdgeIds: begin };
      const isSuccess = runResult(saved.graph, start, done).state === "success";
      const expected = isSuccess ? finalState(saved.graph, start, done, (ordinal) => outputs[ordinal]) : {};
      expect(await fire(), `seed ${seed}`).toEqual(expected);
    }
  });

  test("a trigger that no enabled edge leaves makes no run, says so, and starts again once one does", async () => {
    const only = randomUUID();
    const { id, cron, fire } = await clockwork([only], [], false);
    const before = new Date();
    expect(await fire()).toBeUndefined();
    expect(await database.query("select 1 from runs where workflow_id = $1", [id])).toEqual([]);
    const [next] = await database.query<{ later: boolean }>(
      "select next_run_at > $2 as later from triggers where id = $1",
      [cron.id, before],
    );
    expect(next).toEqual({ later: true });
    expect((await getWorkflow(ctx, { id })).triggers).toMatchObject([{ leads: false, nextRunAt: null }]);
    await database.query("update edges set enabled = true where workflow_id = $1", [id]);
    const [trigger] = (await getWorkflow(ctx, { id })).triggers;
    expect(trigger?.leads).toBe(true);
    expect(trigger?.nextRunAt).not.toBeNull();
    await fire();
    expect(await database.query("select 1 from runs where workflow_id = $1", [id])).toHaveLength(1);
  });
});

test("a job whose code asks for its message's bytes is sent them, in any step; others are not", async () => {
  const asking = "fn(s => bytesOf(s.request.rawBody))";
  const ids = { first: randomUUID(), second: randomUUID(), third: randomUUID() };
  const next = (sourceJobId: string, targetJobId: string) => ({
    ...fromTrigger(targetJobId),
    sourceTriggerId: null,
    sourceJobId,
  });
  const filter = randomUUID();
  await saveWorkflow(
    ctx,
    {
      name: "Signed",
      triggers: [{ id: filter, type: "message_filter", enabled: true, inclusion: { form: "signed" } }],
      jobs: [
        { ...job(ids.first, "First"), body: asking },
        job(ids.second, "Second"),
        { ...job(ids.third, "Third"), body: asking },
      ],
      edges: [
        { ...fromTrigger(ids.first), sourceTriggerId: filter },
        next(ids.first, ids.second),
        next(ids.second, ids.third),
      ],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  const { runIds } = await send({ form: "signed" });
  await execute(runIds);
  const body = Buffer.from('{"form":"signed"}').toString("base64");
  const sent = runner.started.map(({ job: { name }, message }) => [name, message]);
  expect(sent).toEqual([
    ["First", { body, files: [] }],
    ["Second", undefined],
    ["Third", { body, files: [] }],
  ]);
});
