import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { Database } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { cancelRun } from "@/lib/domain/run/cancel";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { limits } from "@/lib/limits";
import { Refusal } from "@/lib/refusal";
import type { StepRequest, StepResult } from "@/lib/runner/contract";
import { ownTestDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import {
  contextFor,
  createTestProject,
  createTestUser,
  type TestProject,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { type RunTruth, readRows, truthOf } from "@/lib/testing/outcomes/reference";
import { failure } from "@/lib/testing/scripted-runner";
import { ModelRunner } from "@/lib/testing/stops/model-runner";
import { inWorld, type Stop, StoppingWorld, stops } from "@/lib/testing/stops/stop";
import type { RunState } from "@/lib/words";
import { isFinal } from "@/lib/workflow/states";
import type { RetryPolicy } from "@/lib/workflow/types";
import { executeRun, type Remember } from "./execute-run";
import { Executor } from "./executor";
import type { ExecutionHost } from "./host";
import { stopRun } from "./stop-run";
import type { StoredRun } from "./storage";
import { sweepUnfinished } from "./sweep";

let database: Database;
let owner: TestUser;
let project: TestProject;
let ctx: Context;

beforeAll(async () => {
  database = await ownTestDatabase();
  owner = await createTestUser();
  project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
});

type Edge = [from: string | null, to: string, condition?: "on_job_failure" | "on_job_success" | string];
type Play = { runner: ModelRunner; host: ExecutionHost };
type Scenario = {
  jobs: string[];
  edges: Edge[];
  usesCredential?: boolean;
  /** Of its first job. */
  retry?: Partial<RetryPolicy>;
  /** What happens in each pause between two attempts, before its time is over. */
  inPause?: (runId: string, host: ExecutionHost) => Promise<void>;
  script: (request: StepRequest, play: Play) => Partial<StepResult> | Promise<Partial<StepResult>>;
  /** How a run of it may end; the first when nothing was in its way. */
  ends: RunState[];
  /** What is executed when it ends as the first says. */
  executed: string[];
  /** What may be executed instead. */
  orElse?: string[];
  /** `ModelRunner.decide`. */
  decide?: ModelRunner["decide"];
};

/** What a job hands on: who it was. */
const by = ({ job }: StepRequest) => ({ output: JSON.stringify({ by: job.name }) });
const large = `"${"x".repeat(limits.keptStateBytes)}"`;

const scenarios: Record<string, Scenario> = {
  "one job": {
    jobs: ["One"],
    edges: [[null, "One"]],
    usesCredential: true,
    script: by,
    ends: ["success", "exception"],
    executed: ["One"],
  },
  "a second job follows": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two"],
    ],
    script: by,
    ends: ["success"],
    executed: ["One", "Two"],
  },
  "a failure, and the job that it starts": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two", "on_job_failure"],
    ],
    script: (request) => ({ ...by(request), ...(request.job.name === "One" ? failure() : {}) }),
    ends: ["success"],
    executed: ["One", "Two"],
  },
  "two branches, of which one fails": {
    jobs: ["One", "Two", "Three"],
    edges: [
      [null, "One"],
      [null, "Two"],
      ["Two", "Three"],
    ],
    script: (request) => ({ ...by(request), ...(request.job.name === "One" ? failure() : {}) }),
    ends: ["failed"],
    executed: ["One", "Two", "Three"],
  },
  "a result that is too large to be stored": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two"],
    ],
    script: (request) => (request.job.name === "One" ? { output: large } : by(request)),
    ends: ["success", "lost"],
    executed: ["One", "Two"],
  },
  "a condition that cannot be decided": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two", "state.nowhere.at.all"],
    ],
    script: (request) => ({
      ...by(request),
      conditions: Object.fromEntries(
        request.conditions.map(({ edgeId }) => [edgeId, { type: "TypeError", message: "no" }]),
      ),
    }),
    ends: ["crashed"],
    executed: ["One"],
  },
  "conditions, some true and some not": {
    jobs: ["One", "Two", "Three"],
    edges: [
      [null, "One", "state.data"],
      ["One", "Two", "state.two"],
      ["One", "Three", "state.three"],
    ],
    script: (request) => ({
      ...by(request),
      conditions: Object.fromEntries(
        request.conditions.map(({ edgeId, expression }) => [edgeId, expression === "state.three"]),
      ),
    }),
    ends: ["success"],
    executed: ["One", "Three"],
  },
  "a trigger's expressions that never say the same twice": {
    jobs: ["One", "Other", "Two"],
    edges: [
      [null, "One", "state.even"],
      [null, "Other", "state.odd"],
      ["One", "Two"],
      ["Other", "Two"],
    ],
    script: by,
    decide: (expression, times) => (times % 2 === 0) === (expression === "state.even"),
    ends: ["success"],
    executed: ["One", "Two"],
    orElse: ["Other", "Two"],
  },
  "a person cancels it while it runs": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two"],
    ],
    script: async (request, { runner, host }) => {
      await cancelRun(ctx, request.runId);
      await stopRun(host, request.runId, 0);
      await runner.isCancelled(request.stepId);
      return runner.cancelledResult();
    },
    ends: ["cancelled"],
    executed: ["One"],
  },
  "a job that is tried again": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two"],
    ],
    retry: { attempts: 3 },
    script: (request, { runner }) => ({ ...by(request), ...(runner.begun.length < 2 ? failure() : {}) }),
    ends: ["success"],
    executed: ["One", "One", "Two"],
  },
  "a job that fails in every attempt, and the job that this starts": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two", "on_job_failure"],
    ],
    retry: { attempts: 2 },
    script: (request) => ({ ...by(request), ...(request.job.name === "One" ? failure() : {}) }),
    ends: ["success"],
    executed: ["One", "One", "Two"],
  },
  "a step that is lost before it did anything, and fails when it is done again": {
    jobs: ["One"],
    edges: [[null, "One"]],
    retry: { attempts: 2 },
    script: (_, { runner }) =>
      runner.begun.length === 1
        ? { reason: "lost", untouched: true, error: { type: "Lost", message: "The worker ended." } }
        : failure(),
    ends: ["failed"],
    executed: ["One", "One", "One"],
  },
  "a job with a policy that is lost": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two", "on_job_failure"],
    ],
    retry: { attempts: 3, errorTypes: ["JobError", "TimeoutError"] },
    script: () => ({ reason: "lost", error: { type: "Lost", message: "Nobody knows." } }),
    ends: ["lost"],
    executed: ["One"],
  },
  "a person cancels it between two attempts": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two", "on_job_failure"],
    ],
    retry: { attempts: 3 },
    script: () => failure(),
    async inPause(runId, host) {
      // Both executors may come to the pause: who is second hears that it is over.
      await cancelRun(ctx, runId).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
      });
      await stopRun(host, runId, 0);
    },
    ends: ["cancelled"],
    executed: ["One"],
  },
  "a person cancels it while an attempt fails": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two", "on_job_failure"],
    ],
    retry: { attempts: 3 },
    script: async (request) => {
      await cancelRun(ctx, request.runId);
      return failure();
    },
    ends: ["cancelled"],
    executed: ["One"],
  },
  "a step that is lost before it did anything": {
    jobs: ["One", "Two"],
    edges: [
      [null, "One"],
      ["One", "Two"],
    ],
    script: (request, { runner }) =>
      request.job.name === "One" && runner.begun.length === 1
        ? { reason: "lost", untouched: true, error: { type: "Lost", message: "The worker ended." } }
        : by(request),
    ends: ["success"],
    executed: ["One", "One", "Two"],
  },
};

async function workflow(form: string, { jobs, edges, usesCredential, retry }: Scenario) {
  const ids = new Map(jobs.map((name) => [name, randomUUID()]));
  const trigger = randomUUID();
  const credential = usesCredential
    ? await createCredential(userContextFor(owner), { name: `for ${form}`, body: { pin: "1234567890" } })
    : null;
  const link = credential && (await shareCredential(ctx, { credentialId: credential.id }));
  await saveWorkflow(
    ctx,
    {
      name: form,
      triggers: [{ id: trigger, type: "message_filter", enabled: true, inclusion: { form } }],
      jobs: jobs.map((name) => ({
        id: ids.get(name) ?? "",
        name,
        body: "fn(s => s)",
        adaptor: "@openfn/language-common@3.3.4",
        projectCredentialId: link?.id ?? null,
        retry:
          retry && name === jobs[0]
            ? { attempts: 2, delaySeconds: 3_600, maxDelaySeconds: 3_600, errorTypes: null, ...retry }
            : null,
      })),
      edges: edges.map(([from, to, condition = "always"]) => ({
        id: randomUUID(),
        ...(from ? { sourceJobId: ids.get(from) ?? "" } : { sourceTriggerId: trigger }),
        targetJobId: ids.get(to) ?? "",
        ...(condition.startsWith("state.")
          ? { conditionType: "js_expression" as const, conditionExpression: condition }
          : { conditionType: condition as "always" }),
      })),
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
}

async function send(form: string): Promise<string> {
  const { accepted } = await accept(
    {
      method: "POST",
      segments: [project.inboxId],
      search: "",
      headers: { "content-type": "application/json" },
      body: new Response(JSON.stringify({ form })).body,
    },
    { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1e6 },
  );
  const [run] = await database.query<{ id: string }>("select id from runs where message_id = $1", [
    accepted?.messageId,
  ]);
  return run?.id ?? "";
}

const once: Remember = (_, work) => work();

/** What an engine remembers of a delivery that it makes again. */
function remembering(): Remember {
  const known = new Map<string, Awaited<ReturnType<Remember>>>();
  return async (name, work) => {
    const outcome = known.get(name) ?? (await work());
    known.set(name, outcome);
    return outcome;
  };
}

/** Delivers a run as engines do: again for each attempt that it waits for, once the pause is over. */
async function deliver(
  host: ExecutionHost,
  runId: string,
  remember: Remember,
  scenario: Scenario,
  { other = host, loaded }: { other?: ExecutionHost; loaded?: StoredRun | undefined } = {},
) {
  await executeRun(host, runId, remember, loaded);
  while (await isAwaited(runId, scenario, other)) await executeRun(host, runId, remember);
}

/** Whether the run waits for an attempt. Its pause is over by then. */
async function isAwaited(runId: string, { inPause }: Scenario, host: ExecutionHost): Promise<boolean> {
  const waits =
    "select 1 from runs where id = $1 and state = 'running' and retry_at > now() + interval '1 minute'";
  if ((await database.query(waits, [runId])).length === 0) return false;
  await inPause?.(runId, host);
  await database.query("update runs set retry_at = now() where id = $1 and retry_at > now()", [runId]);
  return true;
}

type Played = {
  runId: string;
  what: string;
  begun: ModelRunner["begun"];
  scenario: Scenario;
  wrong: string[];
};

/** Plays one run whose first executor stops there, and lets a successor go on. Null when it came to no such place. */
async function play(name: string, scenario: Scenario, place: number, stop: Stop): Promise<Played | null> {
  const runId = await send(name);
  const world = new StoppingWorld(place, stop);
  const runner = new ModelRunner((request) => scenario.script(request, { runner, host: second }));
  if (scenario.decide) runner.decide = scenario.decide;
  const second = successor(world, testExecutionHost(runner));
  const host = inWorld(world, testExecutionHost(runner));
  const executor = new Executor({ storage: host.storage, announce: () => {}, beatMs: 0, steadyMs: 0 });
  // Some with an engine that remembers what the first executor told it; and some with one that read the run when it took it
  // in hand, before anybody had begun it, as the successor's did then, too.
  const way = (place + stops.indexOf(stop)) % 3;
  const remember = way === 1 ? remembering() : once;
  const [loaded] = way === 0 ? await testExecutionHost(runner).storage.loadRuns([runId]) : [];
  const read = { loaded: loaded ?? undefined };
  const first = deliver({ ...host, executor }, runId, remember, scenario, { other: second, ...read }).then(
    () => "ended",
    (error: unknown) => String(error),
  );
  await Promise.race([first, world.stopped]);
  if (!world.stoppedAt) return null;
  if (stop.includes("fails")) await first;
  else await database.query("delete from executors where id = $1", [executor.id]);
  const wrong: string[] = [];
  if (!(await isHandedBack(second, runId, executor.id))) wrong.push("it was not handed back");
  await deliver(second, runId, remember, scenario, read).catch((error: unknown) =>
    wrong.push(`the successor: ${error}`),
  );
  world.finish();
  if (stop.includes("successor")) {
    const end = await first;
    if (end !== "ended") wrong.push(`the first executor: ${end}`);
  }
  await world.acting;
  return { runId, what: `${name}: ${world.stoppedAt} ${stop}`, begun: runner.begun, scenario, wrong };
}

/** Sweeps until the run is not the executor's, if it lives no more; others, who sweep too, may have it in hand just then. */
async function isHandedBack(host: ExecutionHost, runId: string, executorId: string): Promise<boolean> {
  for (let sweeps = 0; sweeps < 50; sweeps++) {
    await sweepUnfinished(host);
    const open = await database.query(
      `select 1 from runs r where id = $1 and state = 'running' and executor_id = $2
         and not exists (select 1 from executors e where e.id = r.executor_id)`,
      [runId, executorId],
    );
    if (open.length === 0) return true;
  }
  return false;
}

/** Tells the world when it has the run. */
function successor(world: StoppingWorld, host: ExecutionHost): ExecutionHost {
  const { storage } = host;
  return {
    ...host,
    storage: {
      ...storage,
      async takeOver(...args) {
        const taken = await storage.takeOver(...args);
        world.takeOver();
        return taken;
      },
      async startSteps(...args) {
        const started = await storage.startSteps(...args);
        world.takeOver();
        return started;
      },
    },
  };
}

const atOnce = 8;

/** Plays every place of a scenario until there is none, several at a time. */
async function playAll(name: string, scenario: Scenario, stop: Stop): Promise<Played[]> {
  const all: Played[] = [];
  for (let place = 0; ; place += atOnce) {
    const places = Array.from({ length: atOnce }, (_, n) => place + n);
    const played = await Promise.all(places.map((n) => play(name, scenario, n, stop)));
    all.push(...played.filter((one) => one !== null));
    if (played.includes(null)) return all;
  }
}

test("the world stops at every await of a step's life: nothing is skipped, doubled or left waiting", async () => {
  const all: Played[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    await workflow(name, scenario);
    for (const stop of stops) all.push(...(await playAll(name, scenario, stop)));
  }
  console.log(`${all.length} stops were played`);
  const truth = truthOf(await readRows(database, project.id));
  const runs = new Map(truth.runs.map((run) => [run.id, run]));
  const wrong = all.flatMap((one) =>
    [...one.wrong, ...faultsOf(one, runs.get(one.runId))].map((fault) => `${one.what}: ${fault}`),
  );
  expect(wrong).toEqual([]);

  const pairs = await database.query<{ key: string; result: string; running_steps: number }>(
    "select message_id || '/' || job_id as key, result, running_steps from job_states where project_id = $1",
    [project.id],
  );
  const words = new Map(truth.pairs.map((pair) => [`${pair.messageId}/${pair.jobId}`, pair.word]));
  expect(pairs.filter((pair) => pair.running_steps !== 0 || words.get(pair.key) !== pair.result)).toEqual([]);
  expect(pairs).toHaveLength(words.size);
  const orders = new Map(truth.orders.map((order) => [order.id, order.state]));
  const stored = await database.query<{ id: string; state: string }>(
    "select id, state from work_orders where project_id = $1",
    [project.id],
  );
  expect(stored.filter((order) => orders.get(order.id) !== order.state)).toEqual([]);
  expect(
    await database.query("select 1 from steps where project_id = $1 and finished_at is null", [project.id]),
  ).toEqual([]);
}, 600_000);

function faultsOf({ begun, scenario }: Played, run: RunTruth | undefined): string[] {
  const faults: string[] = [];
  const { ends, orElse } = scenario;
  const executed = orElse && begun[0]?.job === orElse[0] ? orElse : scenario.executed;
  if (!run || !isFinal(run.state)) return [`the run is ${run?.state}`];
  if (!ends.includes(run.state)) faults.push(`it ended as ${run.state}`);
  // A walk that is not over has no state by its leaves: an edge was taken and not followed.
  if (run.byLeaves !== run.state && run.state !== "cancelled")
    faults.push(`its steps say ${run.byLeaves}, it says ${run.state}`);
  const jobs = begun.map(({ job }) => job);
  if (run.state === ends[0] && jobs.join() !== executed.join()) faults.push(`it executed ${jobs}`);
  const attempts = begun.map(({ stepId, attempt }) => `${stepId}/${attempt}`);
  if (new Set(attempts).size < attempts.length) faults.push(`it executed one attempt twice: ${jobs}`);
  for (const { job, input } of begun) {
    const parent = job === executed[0] || !input.startsWith("{") ? null : JSON.parse(input).by;
    const isFirst = job === executed[0] || (job === "Two" && executed.includes("Three"));
    if (input.startsWith("{") && (parent ?? null) !== (isFirst ? null : before(job, executed)))
      faults.push(`${job} began with ${input.slice(0, 100)}`);
  }
  return faults;
}

/** Whose result a job that is not the first begins with. */
const before = (job: string, executed: string[]) => executed[executed.indexOf(job) - 1] ?? null;
