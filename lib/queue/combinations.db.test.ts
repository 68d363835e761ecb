import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { carryOutBulk } from "@/lib/domain/bulk/carry-out";
import { resumeBulk, undoBulk } from "@/lib/domain/bulk/change";
import { startBulk } from "@/lib/domain/bulk/start";
import type { Context } from "@/lib/domain/context";
import { setPlan } from "@/lib/domain/plan/set";
import { deleteProject } from "@/lib/domain/project/delete";
import { pauseProject, resumeProject } from "@/lib/domain/project/pause";
import { restoreProject } from "@/lib/domain/project/restore";
import { cancelWaiting } from "@/lib/domain/purge/drain";
import { paceOf } from "@/lib/domain/purge/pace";
import { cancelRun } from "@/lib/domain/run/cancel";
import { releaseWorkOrder } from "@/lib/domain/run/release";
import { rerunRun } from "@/lib/domain/run/rerun";
import { pauseWorkflow, resumeWorkflow } from "@/lib/domain/workflow/pause";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import type { ExecutionHost } from "@/lib/execution/host";
import { releaseRuns } from "@/lib/execution/release-runs";
import { stopRun } from "@/lib/execution/stop-run";
import { sweepUnfinished } from "@/lib/execution/sweep";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { Refusal } from "@/lib/refusal";
import {
  NotStartedError,
  type StepFate,
  type StepRef,
  type StepRequest,
  type StepResult,
} from "@/lib/runner/contract";
import { ownTestDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { failure, ScriptedRunner } from "@/lib/testing/scripted-runner";
import { eventData } from "./events";
import { handBackRuns } from "./queue";

/**
 * What lines, pauses, plans, repeated attempts, flow and catch triggers and bulk acts do to each other: random histories
 * of all of them, by two engines that may be killed anywhere.
 */

/** Its sweeps look after the runs of all projects. */
const database = await ownTestDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
const retry = { attempts: 2, delaySeconds: 600, maxDelaySeconds: 3_600, errorTypes: null };

type Scene = { ctx: Context; inboxId: string; workflows: string[] };

/** Two that take every message; one follows a success of the first, one a failure, and one both of these. All keep order. */
async function scene(): Promise<Scene> {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  const filter = { type: "message_filter" as const, inclusion: { form: "visit" } };
  const workflow = async (name: string, trigger: object) => {
    const [id, triggerId, jobId] = [randomUUID(), randomUUID(), randomUUID()];
    await saveWorkflow(
      ctx,
      {
        id,
        name,
        orderKey: "data.patient",
        triggers: [{ id: triggerId, type: "flow" as const, ...trigger }],
        jobs: [{ id: jobId, name, body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4", retry }],
        edges: [
          { id: randomUUID(), sourceTriggerId: triggerId, targetJobId: jobId, conditionType: "always" },
        ],
      },
      deps,
    );
    return { id, jobId };
  };
  const pay = await workflow("Pay", filter);
  const copy = await workflow("Copy", filter);
  const thank = await workflow("Thank", { type: "flow", sourceJobId: pay.jobId });
  const mend = await workflow("Mend", { type: "catch", sourceJobId: pay.jobId });
  const sum = await workflow("Sum", { type: "flow", sourceJobId: thank.jobId });
  return { ctx, inboxId: project.inboxId, workflows: [pay, copy, thank, mend, sum].map(({ id }) => id) };
}

type Act =
  | { kind: "send"; keys: number[] }
  | { kind: "work"; times: number }
  | { kind: "cancel" | "rerun" | "deliver" | "releaseOne" | "undo"; nth: number }
  | { kind: "pause" | "resume"; of: number }
  | { kind: "limit"; more: number | null }
  | { kind: "bulk"; what: "cancel" | "rerun" | "release" }
  | { kind: "time" | "sweep" | "carryOut" | "kill" | "remove" | "restore" };

const nth = fc.nat(40);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      keys: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("work" as const), times: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "cancel" as const,
        "rerun" as const,
        "deliver" as const,
        "releaseOne" as const,
        "undo" as const,
      ),
      nth,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("pause" as const, "resume" as const), of: fc.nat(5) }),
  },
  fc.record({ kind: fc.constant("limit" as const), more: fc.option(fc.nat(3)) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("bulk" as const),
      what: fc.constantFrom("cancel" as const, "rerun" as const, "release" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("time" as const, "sweep" as const, "carryOut" as const, "kill" as const),
    }),
  },
  fc.record({ kind: fc.constantFrom("remove" as const, "restore" as const) }),
);

const killed = "This engine was killed.";

/** A runner that knows what it was given: who takes a step over hears how it ends. */
class Following extends ScriptedRunner {
  readonly #given = new Map<string, Promise<StepResult>>();
  override runStep(request: StepRequest): Promise<StepResult> {
    const result = super.runStep(request);
    result.catch(() => this.#given.delete(request.stepId));
    this.#given.set(request.stepId, result);
    return result;
  }
  override async followStep({ stepId }: StepRef): Promise<StepFate> {
    const result = await this.#given.get(stepId)?.catch(() => undefined);
    return result ? { kind: "result", result } : { kind: "never_started" };
  }
}

type Engine = { host: ExecutionHost; kill: () => Promise<void> };

/** An engine that can be killed: from then on nothing that it does is stored. */
function engineOf(runner: Following): Engine {
  const host = testExecutionHost(runner);
  let isDead = false;
  const storage = new Proxy(host.storage, {
    get: (target, name, receiver) => {
      if (isDead) return () => Promise.reject(new Error(killed));
      return Reflect.get(target, name, receiver);
    },
  });
  return {
    host: { ...host, storage },
    kill: async () => {
      isDead = true;
      await database.query("delete from executors where id = $1", [host.executor.id]);
    },
  };
}

type RunRow = { id: string; state: string; workOrderId: string; messageId: string };

/** One history, and what was seen in it. */
class History {
  readonly faults: string[] = [];
  readonly started: { line: string; runId: string }[] = [];
  readonly #underWay = new Map<string, string>();
  readonly #queue: string[] = [];
  readonly #later: string[] = [];
  readonly #runner = new Following((request) => this.#step(request));
  readonly #engines = [engineOf(this.#runner), engineOf(this.#runner)];
  #turns = 0;
  #wasRemoved = false;

  constructor(readonly scene: Scene) {}

  get #project() {
    return this.scene.ctx.project.id;
  }

  runs = () =>
    database.query<RunRow>(
      `select id, state, work_order_id as "workOrderId", message_id as "messageId" from runs where project_id = $1 order by id`,
      [this.#project],
    );

  async #step({ runId }: StepRequest): Promise<Partial<StepResult>> {
    const [row] = await database.query<{ line: string; cancelled: boolean }>(
      `select workflow_id || '/' || coalesce(order_key, id::text) as line, cancel_requested_at is not null as cancelled from runs where id = $1`,
      [runId],
    );
    const line = row?.line ?? runId;
    const other = this.#underWay.get(line);
    if (other && other !== runId) this.faults.push(`${runId} beside ${other} of ${line}`);
    this.#underWay.set(line, runId);
    this.started.push({ line, runId });
    await database.query("select pg_sleep(0.002)");
    this.#underWay.delete(line);
    const turn = this.#turns++;
    if (turn % 13 === 12) throw new NotStartedError("not now");
    if (row?.cancelled) return { reason: "cancel", output: null, error: { type: "Cancelled", message: "" } };
    const reasons = ["success", "fail", "success", "fail", "crash", "success", "kill", "exception"] as const;
    const reason = reasons[turn % reasons.length] ?? "success";
    if (reason === "success") return { output: '{"data":{}}' };
    return { ...failure(), reason };
  }

  /** What the dispatcher hands over. What is for later waits for its time. */
  async #requested(): Promise<void> {
    const rows = await database.query<{ event: string; data: Record<string, unknown> }>(
      "delete from outbox where project_id = $1 returning event, data",
      [this.#project],
    );
    for (const { event, data } of rows) {
      if (event === "run/requested") {
        const { runId, notBefore } = eventData[event].parse(data);
        (notBefore ? this.#later : this.#queue).push(runId);
      }
      if (event === "runs/resumed") await releaseRuns(this.#living(), this.#project);
      if (event === "run/cancelled") await stopRun(this.#living(), eventData[event].parse(data).runId, 0);
    }
  }

  #living = (): ExecutionHost => testExecutionHost(this.#runner);

  async #deliver(which: number): Promise<void> {
    const id = this.#queue.shift();
    const engine = this.#engines[which];
    if (!id || !engine) return;
    try {
      await executeRun(engine.host, id, (_, work) => work());
    } catch (error) {
      if (!/killed|runner|not now/.test(String(error))) throw error;
      // Its engine delivers it again, or another one does.
      this.#queue.push(id);
    }
  }

  async #work(times: number): Promise<void> {
    await this.#requested();
    for (let i = 0; i < times; i++) await Promise.all([this.#deliver(0), this.#deliver(1)]);
  }

  async #pick(nth: number): Promise<RunRow | undefined> {
    const all = await this.runs();
    return all[nth % Math.max(1, all.length)];
  }

  async #send(key: number, mustBeTaken = false): Promise<void> {
    const body = JSON.stringify({ form: "visit", patient: `P-${key}` });
    const { accepted } = await accept(
      {
        method: "POST",
        segments: [this.scene.inboxId],
        search: "",
        headers: { "content-type": "application/json" },
        body: new Response(body).body,
      },
      { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
    );
    if (!accepted && (mustBeTaken || !this.#wasRemoved)) throw new Error("A message was not accepted.");
  }

  /** Minutes go by: attempts that wait begin, what is asked once in ten seconds may be asked again. Waits for no lock. */
  async #time(): Promise<void> {
    const of = [this.#project];
    await database.query(
      "update runs set retry_at = least(retry_at, now()), created_at = created_at - interval '11 s' where id in (select id from runs where project_id = $1 for update skip locked)",
      of,
    );
    await database.query(
      "update steps set retry_at = least(retry_at, now()), started_at = started_at - interval '11 s', finished_at = finished_at - interval '11 s' where id in (select id from steps where project_id = $1 for update skip locked)",
      of,
    );
    await database.query(
      "update bulk_acts set next_at = least(next_at, now()), round_at = least(round_at, now()) where id in (select id from bulk_acts where project_id = $1 for update skip locked)",
      of,
    );
    this.#queue.push(...this.#later.splice(0));
  }

  #acts = (states: string[]) =>
    database.query<{ id: string }>(
      "select id from bulk_acts where project_id = $1 and state = any($2::text[]) order by id",
      [this.#project, states],
    );

  async #carryOut(): Promise<void> {
    const host = { db: database.db, announce: () => {} };
    for (const { id: actId } of await this.#acts(["running", "undoing"]))
      await carryOutBulk(host, { actId, projectId: this.#project }, 50);
  }

  async play(one: Act): Promise<void> {
    const { ctx, workflows } = this.scene;
    switch (one.kind) {
      case "send":
        await Promise.all(one.keys.map((key) => this.#send(key)));
        return;
      case "work":
        return this.#work(one.times);
      case "cancel": {
        const run = await this.#pick(one.nth);
        if (run) await cancelRun(ctx, run.id).catch(refused);
        return;
      }
      case "rerun": {
        const run = await this.#pick(one.nth);
        if (run) await rerunRun(ctx, { runId: run.id }).catch(refused);
        return;
      }
      case "deliver": {
        const run = await this.#pick(one.nth);
        if (run) this.#queue.push(run.id);
        return;
      }
      case "releaseOne": {
        const orders = await database.query<{ id: string }>(
          "select id from work_orders where project_id = $1 and rejected_for is not null order by id",
          [this.#project],
        );
        const order = orders[one.nth % Math.max(1, orders.length)];
        if (order) await releaseWorkOrder(ctx, { workOrderId: order.id }).catch(refused);
        return;
      }
      case "undo": {
        const acts = await this.#acts(["running", "paused", "done", "aborted"]);
        const id = acts[one.nth % Math.max(1, acts.length)]?.id;
        if (id) await undoBulk(ctx, id).catch(refused);
        return;
      }
      case "pause":
      case "resume": {
        const isPause = one.kind === "pause";
        const workflow = workflows[one.of];
        if (workflow) await (isPause ? pauseWorkflow : resumeWorkflow)(ctx, workflow);
        else await (isPause ? pauseProject : resumeProject)(ctx);
        return;
      }
      case "limit": {
        const runsPerMonth = one.more === null ? null : Math.max(1, (await this.runs()).length + one.more);
        await setPlan(ctx, { runsPerMonth, limitKind: "soft" });
        return;
      }
      case "bulk": {
        const target = one.what === "release" ? "rejected" : "messages";
        await startBulk(ctx, { name: "act", kind: one.what, of: { target } }).catch(refused);
        return;
      }
      case "time":
        return this.#time();
      case "carryOut":
        return this.#carryOut();
      case "sweep":
        await sweepUnfinished(this.#living());
        return;
      case "kill": {
        const [first] = this.#engines.splice(0, 1, engineOf(this.#runner));
        await first?.kill();
        return;
      }
      case "remove":
        this.#wasRemoved = true;
        await deleteProject(ctx, { confirmName: ctx.project.name }).catch(refused);
        await cancelWaiting(database, this.#project, { pace: paceOf(60_000), announce: () => {} });
        return;
      case "restore":
        await restoreProject(ctx).catch(refused);
        return;
      default:
        one satisfies never;
    }
  }

  /** Nothing is in anybody's way any more, and everything goes on until nothing is left to do. */
  async end(): Promise<void> {
    await this.play({ kind: "restore" });
    await this.#send(0, true);
    // A bulk act is paused by it, and a person goes on with it.
    for (const { id } of await this.#acts(["paused"])) await resumeBulk(this.scene.ctx, id);
    await this.play({ kind: "limit", more: null });
    for (const of of [0, 1, 2, 3, 4, 5]) await this.play({ kind: "resume", of });
    for (let i = 0; i < 100; i++) {
      await this.#time();
      await this.#carryOut();
      await this.#work(8);
      if (i % 5 === 4) await this.play({ kind: "sweep" });
      if (i % 5 === 4 && this.#wasRemoved) await this.#look();
      const isBusy = (await this.#acts(["running", "undoing"])).length > 0;
      if (!isBusy && this.#queue.length + this.#later.length === 0 && (await this.left()).length === 0)
        return;
    }
  }

  /** Engines have dropped what a project that was being deleted did not start: inngest/forgotten asks for it again. */
  async #look(): Promise<void> {
    const asked = await database.query<{ id: string }>(
      "select id from runs where project_id = $1 and state = 'pending' and waits_for is null order by id",
      [this.#project],
    );
    const runIds = asked.map(({ id }) => id).filter((id) => !this.#queue.includes(id));
    await handBackRuns(database, runIds);
  }

  left = async () => (await this.runs()).filter(({ state }) => state === "pending" || state === "running");
}

function refused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

const unaccounted = (projectId: string) =>
  database.query(
    `select 'an end was not followed once' as fault, s.id from steps s where s.project_id = $1 and (
       select count(*) from triggers t where t.source_job_id = s.job_id and t.project_id = s.project_id
         and t.type = case when s.exit_reason = 'success' then 'flow' when s.exit_reason <> 'cancel' then 'catch' end
     ) <> (select count(*) from work_orders o where o.caused_by_step_id = s.id and o.project_id = s.project_id)
     union all
     select 'a message has not one work order of each workflow', m.id from messages m where m.project_id = $1 and (
       select count(*) || ',' || count(distinct workflow_id) from work_orders o
       where o.message_id = m.id and o.project_id = m.project_id and o.caused_by_step_id is null
     ) <> '2,2'
     union all
     select 'a work order is not over', o.id from work_orders o where o.project_id = $1 and o.state in ('pending', 'running')
     union all
     select 'a work order is rejected although it ran, or has nothing', o.id from work_orders o where o.project_id = $1 and (
       o.state = 'rejected' and exists (select 1 from runs r where r.work_order_id = o.id and r.project_id = $1 and r.started_at is not null)
       or o.state <> 'rejected' and not exists (select 1 from runs r where r.work_order_id = o.id and r.project_id = $1)
     )
     union all
     select 'a job is in progress', j.job_id from job_states j where j.project_id = $1 and (j.running_steps <> 0 or j.result = 'in_progress')`,
    [projectId],
  );

test("whatever meets whatever: never two of a key, in order, nothing waits for ever, and every message is accounted for", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 14 }),
      async (rounds) => {
        const history = new History(await scene());
        for (const round of rounds) await Promise.all(round.map((one) => history.play(one)));
        await history.end();
        expect(history.faults).toEqual([]);
        expect(await history.left()).toEqual([]);
        expect(await unaccounted(history.scene.ctx.project.id)).toEqual([]);
        // A bulk act makes its runs' ids before it takes their lines.
        const arrived = new Set(
          (
            await database.query<{ id: string }>(
              "select id from runs where project_id = $1 and bulk_act_id is null",
              [history.scene.ctx.project.id],
            )
          ).map(({ id }) => id),
        );
        const firsts = new Map<string, string>();
        for (const { line, runId } of history.started)
          if (!firsts.has(runId) && arrived.has(runId)) firsts.set(runId, line);
        for (const line of new Set(firsts.values())) {
          const inOrder = [...firsts].filter(([, of]) => of === line).map(([runId]) => runId);
          expect(inOrder).toEqual([...inOrder].sort());
        }
      },
    ),
    { numRuns: Number(process.env.HISTORIES ?? 6), endOnFailure: true },
  );
}, 240_000);
