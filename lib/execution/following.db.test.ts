import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createMessage } from "@/lib/domain/message/create";
import { getMessage } from "@/lib/domain/message/get";
import { importProject } from "@/lib/domain/project/import";
import { cancelRun } from "@/lib/domain/run/cancel";
import { getRun } from "@/lib/domain/run/get";
import { rerunRun } from "@/lib/domain/run/rerun";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import type { Announcement } from "@/lib/queue/announce";
import type { LogLine, StepRequest, StepResult } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectRefusal,
  userContextFor,
} from "@/lib/testing/fixtures";
import { failure, result, ScriptedRunner } from "@/lib/testing/scripted-runner";
import { executeRun } from "./execute-run";
import type { ExecutionHost } from "./host";
import { postgresStorage } from "./postgres/storage";

const database = testDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
let ctx: Context;
let host: ExecutionHost;
let runner: Logging;
let told: Announcement[];
let first: Flow;

/** A runner whose jobs write a line to their log. */
class Logging extends ScriptedRunner {
  override async runStep(request: StepRequest, onLog?: (lines: LogLine[]) => void): Promise<StepResult> {
    this.started.push(request);
    onLog?.([
      { seq: 0, at: Date.now(), level: "info", source: "JOB", message: `hello from ${request.job.name}` },
    ]);
    return result(await this.script(request));
  }
}

type Trigger = { type: "message_filter" | "flow" | "catch"; sourceJobId?: string; enabled?: boolean };
type Flow = { id: string; jobId: string; triggerId: string; input: Parameters<typeof saveWorkflow>[1] };

/** A workflow of one job, saved. */
async function flowOf(name: string, trigger: Trigger, of = ctx): Promise<Flow> {
  const [id, jobId, triggerId] = [randomUUID(), randomUUID(), randomUUID()];
  const input = {
    id,
    name,
    triggers: [
      {
        id: triggerId,
        ...trigger,
        ...(trigger.type === "message_filter" ? { inclusion: { form: "visit" } } : {}),
      },
    ],
    jobs: [
      { id: jobId, name: `${name}'s job`, body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" },
    ],
    edges: [
      { id: randomUUID(), sourceTriggerId: triggerId, targetJobId: jobId, conditionType: "always" as const },
    ],
  };
  await saveWorkflow(of, input, deps);
  return { id, jobId, triggerId, input };
}

beforeEach(async () => {
  const owner = await createTestUser();
  told = [];
  ctx = { ...contextFor(owner, await createTestProject({ owner })), announce: () => {} };
  runner = new Logging();
  const announce = (one: Announcement) => void told.push(one);
  host = { ...testExecutionHost(runner), announce, storage: postgresStorage(database, announce) };
  first = await flowOf("Payment", { type: "message_filter" });
});

const send = () => createMessage(ctx, { body: '{"form":"visit","n":9007199254740993}' });
const runsOf = (workflowId: string) =>
  database.query<{ id: string; state: string; message_id: string | null; starting_trigger_id: string }>(
    "select id, state, message_id, starting_trigger_id from runs where workflow_id = $1 order by id",
    [workflowId],
  );

/** Executes what waits, and what that starts, until nothing waits. Returns how many runs there were. */
async function executeAll(of = ctx): Promise<number> {
  for (let runs = 0; ; ) {
    const waiting = await database.query<{ id: string }>(
      "select id from runs where project_id = $1 and state = 'pending' order by id",
      [of.project.id],
    );
    if (waiting.length === 0) return runs;
    for (const { id } of waiting) await executeRun(host, id, (_, work) => work());
    runs += waiting.length;
  }
}
const inputOf = (jobId: string) => {
  const input = runner.started.findLast(({ job }) => job.id === jobId)?.input;
  return input === undefined ? undefined : JSON.parse(input);
};

describe("a flow trigger", () => {
  test("starts its workflow when the job has succeeded, with what it returned, for the same message", async () => {
    const second = await flowOf("Thanks", { type: "flow", sourceJobId: first.jobId });
    runner.script = ({ job }) => ({ output: job.id === first.jobId ? '{"paid":9007199254740993}' : "{}" });
    const { messageId } = await send();
    expect(await executeAll()).toBe(2);
    const [run] = await runsOf(second.id);
    expect(run).toMatchObject({
      state: "success",
      message_id: messageId,
      starting_trigger_id: second.triggerId,
    });
    expect(runner.started.at(-1)?.input).toBe('{"paid":9007199254740993}');
    const { jobStates } = await getMessage(ctx, messageId);
    expect(jobStates.map(({ jobName, result }) => [jobName, result]).sort()).toEqual([
      ["Payment's job", "success"],
      ["Thanks's job", "success"],
    ]);
    expect(told.filter((one) => one.wakesEngine)).toEqual([
      { projectId: ctx.project.id, runs: [run?.id], messages: [messageId], wakesEngine: "runs" },
    ]);
    const [queued] = await database.query("select event from outbox where data->>'runId' = $1", [run?.id]);
    expect(queued).toEqual({ event: "run/requested" });
  });

  test("says what started it: the run names the step and its run, and the other way round", async () => {
    const second = await flowOf("Thanks", { type: "flow", sourceJobId: first.jobId });
    await send();
    await executeAll();
    const [[cause], [run]] = [await runsOf(first.id), await runsOf(second.id)];
    expect((await getRun(ctx, run?.id ?? "")).causedBy).toMatchObject({
      runId: cause?.id,
      jobName: "Payment's job",
      workflowId: first.id,
      workflowName: "Payment",
    });
    expect((await getRun(ctx, cause?.id ?? "")).caused).toMatchObject([
      { runId: run?.id, jobName: "Payment's job", workflowId: second.id, workflowName: "Thanks" },
    ]);
    expect(await getWorkflow(ctx, { id: first.id })).toMatchObject({
      followers: [
        { jobId: first.jobId, type: "flow", enabled: true, workflowId: second.id, workflowName: "Thanks" },
      ],
    });
    expect((await getWorkflow(ctx, { id: second.id })).triggers).toMatchObject([
      {
        source: {
          jobId: first.jobId,
          jobName: "Payment's job",
          workflowId: first.id,
          workflowName: "Payment",
        },
      },
    ]);
  });

  test("does not start after a failure, when it is switched off, or for a job of another project", async () => {
    await flowOf("Off", { type: "flow", sourceJobId: first.jobId, enabled: false });
    const stranger = await createTestUser();
    const theirs = contextFor(stranger, await createTestProject({ owner: stranger }));
    const own = await flowOf("Theirs", { type: "message_filter" }, theirs);
    const { triggerId } = await flowOf("Spy", { type: "flow", sourceJobId: own.jobId }, theirs);
    await database.query("update triggers set source_job_id = $2 where id = $1", [triggerId, first.jobId]);
    await flowOf("On", { type: "flow", sourceJobId: first.jobId });
    await send();
    expect(await executeAll()).toBe(2);
    runner.script = () => failure();
    await send();
    expect(await executeAll()).toBe(1);
    expect(await executeAll(theirs)).toBe(0);
  });

  test("starts once however often the step's end is delivered, and again when the job runs again", async () => {
    const second = await flowOf("Thanks", { type: "flow", sourceJobId: first.jobId });
    await send();
    const [run] = await runsOf(first.id);
    const runId = run?.id ?? "";
    for (const one of [testExecutionHost(runner), host, host])
      await executeRun(one, runId, (_, work) => work());
    expect(await runsOf(second.id)).toHaveLength(1);
    await executeAll();
    await database.query("update steps set started_at = started_at - interval '11 s' where project_id = $1", [
      ctx.project.id,
    ]);
    await rerunRun(ctx, { runId });
    await executeAll();
    expect(await runsOf(second.id)).toHaveLength(2);
  });

  test("keeps the order of the workflow that it starts, by its message and else by what it begins with", async () => {
    const second = await flowOf("Second", { type: "flow", sourceJobId: first.jobId });
    const ordered = { ...second.input, orderKey: "data.patient", lockVersion: 1 };
    await saveWorkflow(ctx, ordered, deps);
    runner.script = ({ job }) => ({ output: job.id === first.jobId ? '{"data":{"patient":"P-1"}}' : "{}" });
    await send();
    const message = { body: '{"form":"visit","patient":"P-2"}' };
    await createMessage(ctx, message);
    await createMessage(ctx, message);
    for (const { id } of await runsOf(first.id)) await executeRun(host, id, (_, work) => work());
    const waiting = await database.query(
      "select order_key, waits_for from runs where workflow_id = $1 order by id",
      [second.id],
    );
    expect(waiting).toEqual([
      { order_key: "P-1", waits_for: null },
      { order_key: "P-2", waits_for: null },
      { order_key: "P-2", waits_for: "turn" },
    ]);
    await executeAll();
    expect((await runsOf(second.id)).map(({ state }) => state)).toEqual(["success", "success", "success"]);
  });

  test("begins with {} after a success without a result, and leads on to a third workflow", async () => {
    const second = await flowOf("Second", { type: "flow", sourceJobId: first.jobId });
    const third = await flowOf("Third", { type: "flow", sourceJobId: second.jobId });
    runner.script = ({ job }) => (job.id === first.jobId ? { output: null } : { output: '{"of":"second"}' });
    await send();
    expect(await executeAll()).toBe(3);
    expect([inputOf(second.jobId), inputOf(third.jobId)]).toEqual([{}, { of: "second" }]);
  });

  test("hands on what may not be shown, and a rerun of what it started begins with the same", async () => {
    const second = await flowOf("Thanks", { type: "flow", sourceJobId: first.jobId });
    runner.script = ({ job }) =>
      job.id === first.jobId
        ? { output: '{"pin":"hush"}', shown: { text: '{"pin":"***"}', hidden: ["hush"] } }
        : {};
    await send();
    await executeAll();
    expect(runner.started.at(-1)).toMatchObject({ input: '{"pin":"hush"}', hidden: ["hush"] });
    await database.query("update steps set started_at = started_at - interval '11 s' where project_id = $1", [
      ctx.project.id,
    ]);
    const [run] = await runsOf(second.id);
    await rerunRun(ctx, { runId: run?.id ?? "" });
    await executeAll();
    expect(runner.started.at(-1)).toMatchObject({ input: '{"pin":"hush"}', hidden: ["hush"] });
    expect(runner.started.at(-1)?.job.id).toBe(second.jobId);
  });
});

describe("a catch trigger", () => {
  test("starts its workflow when the job has failed, with what that began with and its log as error", async () => {
    const second = await flowOf("Alarm", { type: "catch", sourceJobId: first.jobId });
    runner.script = ({ job }) => (job.id === first.jobId ? failure("AccountClosed") : {});
    const { messageId } = await send();
    expect(await executeAll()).toBe(2);
    const { error, ...state } = inputOf(second.jobId);
    const began = JSON.parse(runner.started[0]?.input ?? "");
    expect(state).toEqual(began);
    expect(state.data.form).toBe("visit");
    expect(error).toEqual(["hello from Payment's job", "AccountClosed: no"]);
    expect(runner.started.at(-1)?.input).toContain("9007199254740993");
    const [run] = await runsOf(second.id);
    expect(run).toMatchObject({
      state: "success",
      message_id: messageId,
      starting_trigger_id: second.triggerId,
    });
  });

  test("does not start after a success, nor when a person has cancelled", async () => {
    const second = await flowOf("Alarm", { type: "catch", sourceJobId: first.jobId });
    await send();
    expect(await executeAll()).toBe(1);
    runner.script = async () => {
      const [run] = await database.query<{ id: string }>(
        "select id from runs where workflow_id = $1 and state = 'running'",
        [first.id],
      );
      await cancelRun(ctx, run?.id ?? "");
      return { reason: "cancel", output: null, error: { type: "Cancelled", message: "Cancelled." } };
    };
    await send();
    await executeAll();
    expect(await runsOf(second.id)).toEqual([]);
  });

  /** The first workflow with one more job after its own, and an alarm for that one. */
  async function withLater() {
    const later = randomUUID();
    const { input } = first;
    const { jobs, edges } = input;
    const job = { id: later, name: "Later", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" };
    const edge = {
      id: randomUUID(),
      sourceJobId: first.jobId,
      targetJobId: later,
      conditionType: "always" as const,
    };
    await saveWorkflow(
      ctx,
      { ...input, jobs: [...jobs, job], edges: [...edges, edge], lockVersion: 1 },
      deps,
    );
    return { later, alarm: await flowOf("Alarm", { type: "catch", sourceJobId: later }) };
  }

  test("begins with what the failed step began with, not with its run's input, and hides what that hid", async () => {
    const { later, alarm } = await withLater();
    runner.script = ({ job }) => {
      if (job.id === later) return failure("TypeError");
      return job.id === first.jobId
        ? { output: '{"pin":"hush"}', shown: { text: '{"pin":"***"}', hidden: ["hush"] } }
        : {};
    };
    await send();
    await executeAll();
    expect(inputOf(alarm.jobId)).toEqual({ pin: "hush", error: ["hello from Later", "TypeError: no"] });
    expect(runner.started.at(-1)?.hidden).toEqual(["hush"]);
    const bodies = await database.query<{ body: string }>(
      "select body from dataclips where project_id = $1",
      [ctx.project.id],
    );
    expect(bodies.filter(({ body }) => body?.includes("hush"))).toEqual([]);
  });

  test("has the error alone when what the step began with was wiped meanwhile", async () => {
    const { later, alarm } = await withLater();
    runner.script = async ({ job }) => {
      if (job.id !== later) return { output: '{"n":1}' };
      await database.query("update dataclips set body = null, wiped_at = now() where project_id = $1", [
        ctx.project.id,
      ]);
      return failure("TypeError");
    };
    await send();
    await executeAll();
    expect(inputOf(alarm.jobId)).toEqual({ error: ["hello from Later", "TypeError: no"] });
  });
});

describe("what follows what", () => {
  test("may not be a circle, over however many workflows", async () => {
    const second = await flowOf("Second", { type: "flow", sourceJobId: first.jobId });
    const third = await flowOf("Third", { type: "catch", sourceJobId: second.jobId });
    const back = { ...first.input, lockVersion: 1 };
    const triggers = [{ id: first.triggerId, type: "flow" as const, sourceJobId: third.jobId }];
    await expect(saveWorkflow(ctx, { ...back, triggers }, deps)).rejects.toThrow(
      "Circular dependency: Payment -> Second -> Third -> Payment.",
    );
    const off = triggers.map((one) => ({ ...one, enabled: false }));
    await saveWorkflow(ctx, { ...back, triggers: off }, deps);
  });

  test("needs a job of another workflow of the project, and that job stays while it is followed", async () => {
    await expectRefusal(flowOf("Lost", { type: "flow", sourceJobId: randomUUID() }), "invalid");
    await expectRefusal(flowOf("None", { type: "flow" }), "invalid");
    const second = await flowOf("Second", { type: "flow", sourceJobId: first.jobId });
    const own = [{ id: second.triggerId, type: "flow" as const, sourceJobId: second.jobId }];
    await expectRefusal(
      saveWorkflow(ctx, { ...second.input, triggers: own, lockVersion: 1 }, deps),
      "invalid",
    );
    const without = { ...first.input, jobs: [], edges: [], lockVersion: 1 };
    await expect(saveWorkflow(ctx, without, deps)).rejects.toThrow('"Second" is started by the end of a job');
    const stranger = await createTestUser();
    const theirs = contextFor(stranger, await createTestProject({ owner: stranger }));
    await expectRefusal(flowOf("Spy", { type: "flow", sourceJobId: first.jobId }, theirs), "invalid");
  });

  test("ends by itself even were there a circle that no save has seen", async () => {
    const second = await flowOf("Second", { type: "flow", sourceJobId: first.jobId });
    await database.query("update triggers set type = 'flow', source_job_id = $2 where id = $1", [
      first.triggerId,
      second.jobId,
    ]);
    await database.query("update triggers set type = 'message_filter' where id = $1", [first.triggerId]);
    await send();
    await database.query("update triggers set type = 'flow' where id = $1", [first.triggerId]);
    expect(await executeAll()).toBe(101);
  });

  test("comes in with a project.yaml, whichever workflow stands first", async () => {
    const workflow = (trigger: string) => `    jobs:
      Do-it: {adaptor: '@openfn/language-common@3.3.4', body: 'fn(s => s)'}
    triggers:
      t: {${trigger}}
    edges:
      t->Do-it: {source_trigger: t, target_job: Do-it, condition_type: always}
`;
    const yaml = `name: chained
workflows:
  after:
${workflow("type: flow, source_job: before/Do-it")}
  before:
${workflow("type: cron, cron_expression: '0 7 * * *', time_zone: Africa/Nairobi, when_running: skip")}`;
    const owner = await createTestUser();
    const { project, workflows } = await importProject(userContextFor(owner), { yaml }, deps);
    const mine = contextFor(owner, { id: project.id, name: project.name });
    const byName = new Map(workflows.map(({ id, name }) => [name, id]));
    const after = await getWorkflow(mine, { id: byName.get("after") ?? "" });
    expect(after.triggers[0]?.source).toMatchObject({ workflowName: "before", jobName: "Do-it" });
    const before = await getWorkflow(mine, { id: byName.get("before") ?? "" });
    expect(before.triggers[0]).toMatchObject({ timeZone: "Africa/Nairobi", whenRunning: "skip" });
  });
});
