import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { deleteProject } from "@/lib/domain/project/delete";
import { pauseProject, resumeProject } from "@/lib/domain/project/pause";
import { restoreProject } from "@/lib/domain/project/restore";
import { cancelWaiting } from "@/lib/domain/purge/drain";
import { paceOf } from "@/lib/domain/purge/pace";
import { cancelRun } from "@/lib/domain/run/cancel";
import { getRun } from "@/lib/domain/run/get";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { countWaiting } from "@/lib/domain/run/waiting";
import { pauseWorkflow, resumeWorkflow } from "@/lib/domain/workflow/pause";
import { executeRun } from "@/lib/execution/execute-run";
import { giveUpRun } from "@/lib/execution/give-up-run";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import { releaseRuns } from "@/lib/execution/release-runs";
import { sweepUnfinished } from "@/lib/execution/sweep";
import { Refusal } from "@/lib/refusal";
import { NotStartedError, type StepRequest, type StepResult } from "@/lib/runner/contract";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { Announcement } from "./announce";
import { eventData } from "./events";
import { handBackRuns } from "./queue";

const database = testDatabase();
let clinic: Clinic;

beforeEach(async () => {
  clinic = await createClinic();
});

const order = (path: string | null, workflow = clinic.workflows.hook) =>
  database.query("update workflows set order_key = $2 where id = $1", [workflow, path]);
const send = (data: unknown) => clinic.receive(data, { to: clinic.triggers.hook });
const patient = (id: string, more = {}) => send({ patient: { id }, ...more });

type RunRow = {
  id: string;
  state: string;
  waitsFor: string | null;
  orderKey: string | null;
  messageId: string;
};
const runs = () =>
  database.query<RunRow>(
    `select id, state, waits_for as "waitsFor", order_key as "orderKey", message_id as "messageId" from runs
     where project_id = $1 order by id`,
    [clinic.project.id],
  );
const runOf = async (messageId: string) => {
  const found = (await runs()).filter((run) => run.messageId === messageId).at(-1);
  if (!found) throw new Error("The message has no run.");
  return found;
};

/** What the engines are asked for, taken as the dispatcher takes it: by event, each with a name of its own. */
async function requested(): Promise<string[]> {
  const rows = await database.query<{ event: string; data: Record<string, unknown> }>(
    "delete from outbox where project_id = $1 returning event, data, id",
    [clinic.project.id],
  );
  const ids: string[] = [];
  for (const { event, data } of rows) {
    if (event === "run/requested") ids.push(eventData[event].parse(data).runId);
    if (event === "runs/resumed") await release();
  }
  return rows.some(({ event }) => event === "runs/resumed") ? [...ids, ...(await requested())] : ids;
}

const host = (script?: ConstructorParameters<typeof ScriptedRunner>[0]) =>
  testExecutionHost(new ScriptedRunner(script));
const release = () => releaseRuns(host(), clinic.project.id);
const once = <T>(_: string, work: () => Promise<T>) => work();

async function run(id: string, script?: (request: StepRequest) => Partial<StepResult>) {
  await executeRun(host(script), id, once);
}

describe("runs of one key", () => {
  test("follow each other in the order in which they came; other keys and no key go beside them", async () => {
    await order("data.patient.id");
    const [a, b, c, other, none] = [
      await patient("P-1"),
      await patient("P-1"),
      await patient("P-1"),
      await patient("P-2"),
      await send({ patient: {} }),
    ];
    expect((await runs()).map(({ orderKey, waitsFor }) => [orderKey, waitsFor])).toEqual([
      ["P-1", null],
      ["P-1", "turn"],
      ["P-1", "turn"],
      ["P-2", null],
      [null, null],
    ]);
    const ids = async (...messages: string[]) =>
      Promise.all(messages.map(async (id) => (await runOf(id)).id));
    expect(await requested()).toEqual(await ids(a, other, none));
    await run((await runOf(a)).id);
    expect(await requested()).toEqual(await ids(b));
    await run((await runOf(b)).id);
    expect(await requested()).toEqual(await ids(c));
    await run((await runOf(c)).id);
    expect(await requested()).toEqual([]);
  });

  test("a run that waits is nothing for an engine, and is not forgotten: whatever asks for it, it is not started", async () => {
    await order("data.patient.id");
    await patient("P-1");
    const waits = await runOf(await patient("P-1"));
    await requested();
    await run(waits.id);
    expect(await handBackRuns(database, [waits.id])).toEqual([]);
    expect(await runOf(waits.messageId)).toMatchObject({ state: "pending", waitsFor: "turn" });
    expect(await getRun(clinic.ctx, waits.id)).toMatchObject({ orderKey: "P-1", waitsFor: "turn" });
    expect(await countWaiting(clinic.ctx, {})).toMatchObject({ queued: 1, turn: 1, running: 0, resume: 0 });
  });

  const failing = (reason: StepResult["reason"]) => async (id: string) =>
    run(id, () => ({ reason, error: { type: "Error", message: "no" }, output: null }));
  test.each<[string, (id: string) => Promise<unknown>]>([
    ["success", (id) => run(id)],
    ["a failure", failing("fail")],
    ["a crash", failing("crash")],
    ["a kill", failing("kill")],
    ["an exception", failing("exception")],
    ["a loss", failing("lost")],
    ["a person's cancelling, while it waits for an engine", (id) => cancelRun(clinic.ctx, id)],
    [
      "a person's cancelling, while it runs",
      (id) =>
        executeRun(
          host(async () => {
            await cancelRun(clinic.ctx, id);
            return { reason: "cancel", output: null };
          }),
          id,
          once,
        ),
    ],
    ["being given up", (id) => giveUpRun(host(), id)],
    [
      "the loss of its input",
      async (id) => {
        await database.query("update messages set body = '{', format = 'json' where project_id = $1", [
          clinic.project.id,
        ]);
        await database.query(
          "update runs set message_id = null where id = $1 and not exists (select 1 from steps where run_id = runs.id)",
          [id],
        );
        await run(id);
      },
    ],
    [
      "an edge's condition that takes none",
      async (id) => {
        await database.query("update edges set enabled = false where workflow_id = $1", [
          clinic.workflows.hook,
        ]);
        await database.query(
          `update snapshots set graph = jsonb_set(graph, '{edges}', '[]') where workflow_id = $1`,
          [clinic.workflows.hook],
        );
        await run(id);
      },
    ],
  ])("are let go in the commit that ends the one before: %s", async (_, end) => {
    await order("data.patient.id");
    const [first, second] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
    await requested();
    await end(first.id);
    const [ended, next] = await runs();
    expect(["pending", "running"]).not.toContain(ended?.state);
    expect(next).toMatchObject({ id: second.id, state: "pending", waitsFor: null });
    expect(await requested()).toEqual([second.id]);
  });

  test("are announced when they are let go, so that nobody waits for a poll", async () => {
    await order("data.patient.id");
    const [first, second] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
    const told: Announcement[] = [];
    const storage = postgresStorage(database, (one) => void told.push(one));
    await executeRun({ ...host(), storage }, first.id, once);
    expect(told).toContainEqual({
      projectId: clinic.project.id,
      runs: [second.id],
      messages: [second.messageId],
      wakesEngine: "runs",
    });
  });

  test("one that is cancelled while it waits for its turn holds up nobody", async () => {
    await order("data.patient.id");
    const [first, second, third] = [
      await runOf(await patient("P-1")),
      await runOf(await patient("P-1")),
      await runOf(await patient("P-1")),
    ];
    await cancelRun(clinic.ctx, second.id);
    await requested();
    await run(first.id);
    expect(await requested()).toEqual([third.id]);
    expect(await runOf(second.messageId)).toMatchObject({ state: "cancelled", waitsFor: null });
  });

  test("a person's rerun stands at the end of its key's line", async () => {
    await order("data.patient.id");
    const first = await runOf(await patient("P-1"));
    await run(first.id);
    const [second, third] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
    await elevenSecondsLater(first.messageId);
    const { runIds } = await rerunRun(clinic.ctx, { runId: first.id });
    await requested();
    expect((await runs()).map(({ waitsFor, orderKey }) => [waitsFor, orderKey])).toEqual([
      [null, "P-1"],
      [null, "P-1"],
      ["turn", "P-1"],
      ["turn", "P-1"],
    ]);
    await run(second.id);
    expect(await requested()).toEqual([third.id]);
    await run(third.id);
    expect(await requested()).toEqual(runIds);
  });

  test("what was cancelled because its project was being deleted lets the next go when that is undone", async () => {
    await order("data.patient.id");
    const [first, second] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
    await requested();
    const closing = {
      ...clinic.ctx,
      project: { ...clinic.ctx.project, deletesAt: new Date(Date.now() + 1e8) },
    };
    await deleteProject(clinic.ctx, { confirmName: clinic.project.name });
    await database.query("update runs set waits_for = 'turn' where id = $1", [second.id]);
    await database.query(
      "update runs set state = 'cancelled', finished_at = now(), waits_for = null where id = $1",
      [first.id],
    );
    await restoreProject(closing);
    expect(await requested()).toEqual([second.id]);
    await deleteProject(clinic.ctx, { confirmName: clinic.project.name });
    expect(
      await cancelWaiting(database, clinic.project.id, { pace: paceOf(60_000), announce: () => {} }),
    ).toBe(1);
  });

  test("the safety net lets a line go that nobody is under way in", async () => {
    await order("data.patient.id");
    const [first, second] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
    await requested();
    await database.query("update runs set state = 'cancelled', finished_at = now() where id = $1", [
      first.id,
    ]);
    await sweepUnfinished(host());
    expect(await requested()).toEqual([second.id]);
  });

  test("the safety net goes on with other projects, where one's runs cannot be let go", async () => {
    await order("data.patient.id");
    const [first, second] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
    await requested();
    await database.query("update runs set state = 'cancelled', finished_at = now() where id = $1", [
      first.id,
    ]);
    const { storage, ...rest } = host();
    const projects = [randomUUID(), clinic.project.id];
    const failing = {
      ...storage,
      heldProjects: async () => projects,
      releaseSome: async (projectId: string) => {
        if (projectId === projects[0]) throw new Error("no");
        return storage.releaseSome(projectId);
      },
    };
    await sweepUnfinished({ ...rest, storage: failing });
    expect(await requested()).toEqual([second.id]);
  });

  test("a line is locked, so that of two who come at once one waits", async () => {
    await order("data.patient.id");
    await Promise.all(Array.from({ length: 8 }, () => patient("P-1")));
    const waits = (await runs()).map(({ waitsFor }) => waitsFor);
    expect(waits).toEqual([null, ...Array.from({ length: 7 }, () => "turn")]);
    expect(await requested()).toHaveLength(1);
  });
});

test("of messages and reruns that several workflows keep in order, none waits for the other for ever", async () => {
  await order("data.patient.id", clinic.workflows.visit);
  await order("data.patient.id");
  const first = await clinic.receive({ form: "visit", patient: { id: "P-1" } });
  await rerunMessage(clinic.ctx, { messageId: first, workflowId: clinic.workflows.hook });
  await elevenSecondsLater(first);
  await Promise.all([
    rerunMessage(clinic.ctx, { messageId: first }),
    ...Array.from({ length: 4 }, () => clinic.receive({ form: "visit", patient: { id: "P-1" } })),
    ...Array.from({ length: 4 }, () => patient("P-1")),
  ]);
  expect(await requested()).toHaveLength(2);
  expect((await runs()).filter(({ waitsFor }) => waitsFor === "turn")).toHaveLength(10);
});

describe("the key", () => {
  test.each<[path: string, data: unknown, key: string | null]>([
    ["data.patient.id", { patient: { id: "P-1" } }, "P-1"],
    ["state.data.patient.id", { patient: { id: 17 } }, "17"],
    ["data.items[1].id", { items: [{ id: 1 }, { id: 2 }] }, "2"],
    ["data.patient", { patient: { b: 1, a: 2 } }, '{"a": 2, "b": 1}'],
    ["data.patient.id", { patient: { id: null } }, null],
    ["data.patient.id", { patient: { id: " " } }, null],
    ["data.patient.id", { patient: "P-1" }, null],
    ["data.patient.id", [], null],
    ["request.headers.Content-Type", {}, "application/json"],
    ["request.method", {}, "POST"],
    ["request.query.patient", {}, "P-7"],
    ["request.query_params.patient", {}, "P-7"],
  ])("%s of %j is %j, on the way in and for a rerun alike", async (path, data, key) => {
    await order(path);
    const messageId = await clinic.receive(data, { to: clinic.triggers.hook, search: "?patient=P-7" });
    const first = await runOf(messageId);
    expect(first.orderKey).toBe(key);
    await run(first.id);
    await elevenSecondsLater(messageId);
    await rerunRun(clinic.ctx, { runId: first.id });
    expect((await runOf(messageId)).orderKey).toBe(key);
  });

  test("is short, however long the text is, and still tells two apart", async () => {
    await order("data.id");
    const long = "x".repeat(100_000);
    const [one, two] = [
      await runOf(await send({ id: `${long}1` })),
      await runOf(await send({ id: `${long}2` })),
    ];
    expect(one.orderKey?.length).toBeLessThan(200);
    expect(one.orderKey).not.toBe(two.orderKey);
    expect((await runOf(await send({ id: `${long}1` }))).waitsFor).toBe("turn");
  });

  test("of a form, of XML and of text is that of what they mean", async () => {
    await order("data.id");
    const as = (body: string, contentType: string) =>
      clinic.receive(body, { to: clinic.triggers.hook, contentType });
    const found = [
      await as("id=P-1", "application/x-www-form-urlencoded"),
      await as("<r><id>P-1</id></r>", "application/xml"),
      await as("P-1", "text/plain"),
    ];
    const keys = await Promise.all(found.map(async (id) => (await runOf(id)).orderKey));
    expect(keys[0]).toBe("P-1");
    expect(keys[2]).toBeNull();
  });

  test("that two workflows have is a line in each", async () => {
    await order("data.patient.id");
    await order("data.patient.id", clinic.workflows.visit);
    await patient("P-1");
    await clinic.receive({ form: "visit", patient: { id: "P-1" } });
    expect((await runs()).map(({ waitsFor }) => waitsFor)).toEqual([null, null]);
  });

  test("of a workflow that has another one now stays with the runs that have it", async () => {
    await order("data.patient.id");
    const [, second] = [await patient("P-1"), await patient("P-1")];
    await order(null);
    expect(await runOf(await patient("P-1"))).toMatchObject({ orderKey: null, waitsFor: null });
    expect(await runOf(second)).toMatchObject({ orderKey: "P-1", waitsFor: "turn" });
  });
});

describe("a pause", () => {
  const pauses: Record<string, { pause: () => Promise<unknown>; resume: () => Promise<unknown> }> = {
    workflow: {
      pause: () => pauseWorkflow(clinic.ctx, clinic.workflows.hook),
      resume: () => resumeWorkflow(clinic.ctx, clinic.workflows.hook),
    },
    project: { pause: () => pauseProject(clinic.ctx), resume: () => resumeProject(clinic.ctx) },
  };
  const audited = async () =>
    (
      await database.query<{ event: string }>(
        "select event from audit_events where project_id = $1 and event like '%.pause' or project_id = $1 and event like '%.resume' order by id",
        [clinic.project.id],
      )
    ).map(({ event }) => event);

  test.each(Object.entries(pauses))(
    "of a %s keeps what comes and what waits, lets what runs end, and what it kept goes on in order",
    async (of, { pause, resume }) => {
      const before = await runOf(await send({ n: 1 }));
      const under = await runOf(await send({ n: 2 }));
      await requested();
      let isOver = false;
      await executeRun(
        host(async () => {
          await pause();
          isOver = true;
          return {};
        }),
        under.id,
        once,
      );
      expect(isOver).toBe(true);
      expect((await runOf(under.messageId)).state).toBe("success");
      const [kept, more] = [await runOf(await send({ n: 3 })), await runOf(await send({ n: 4 }))];
      expect(kept).toMatchObject({ state: "pending", waitsFor: "resume" });
      await run(before.id);
      expect(await runOf(before.messageId)).toMatchObject({ state: "pending", waitsFor: "resume" });
      await sweepUnfinished(host());
      expect(await requested()).toEqual([]);
      expect(await countWaiting(clinic.ctx, { workflowId: clinic.workflows.hook })).toMatchObject({
        queued: 0,
        resume: 3,
      });
      await pause();
      await resume();
      await resume();
      expect(await requested()).toEqual([before.id, kept.id, more.id]);
      expect(await audited()).toEqual([`${of}.pause`, `${of}.resume`]);
      await run(before.id);
      expect((await runOf(before.messageId)).state).toBe("success");
    },
  );

  test("that one of two has is not over when the other's is", async () => {
    const { workflow, project } = pauses;
    await workflow?.pause();
    await project?.pause();
    const kept = await runOf(await send({}));
    await workflow?.resume();
    expect(await requested()).toEqual([]);
    await workflow?.pause();
    await project?.resume();
    expect(await requested()).toEqual([]);
    await workflow?.resume();
    expect(await requested()).toEqual([kept.id]);
  });

  test("of one workflow is none of another's", async () => {
    await pauses.workflow?.pause();
    const visit = await runOf(await clinic.receive({ form: "visit" }));
    expect(visit.waitsFor).toBeNull();
  });

  test("keeps lines, and they go on one by one, whoever stood first", async () => {
    await order("data.patient.id");
    const [a, b] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
    await requested();
    await pauses.workflow?.pause();
    await run(a.id);
    const c = await runOf(await patient("P-1"));
    const d = await runOf(await patient("P-2"));
    expect((await runs()).map(({ waitsFor }) => waitsFor)).toEqual(["resume", "turn", "resume", "resume"]);
    await pauses.workflow?.resume();
    expect(await requested()).toEqual([a.id, d.id]);
    expect((await getRun(clinic.ctx, c.id)).waitsFor).toBe("turn");
    await run(a.id);
    expect(await requested()).toEqual([b.id]);
    await run(b.id);
    expect(await requested()).toEqual([c.id]);
  });

  test("while which the one before ends keeps the next for the workflow, not for its turn", async () => {
    await order("data.patient.id");
    const [a, b] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
    await requested();
    await executeRun(
      host(async () => {
        await pauses.project?.pause();
        return {};
      }),
      a.id,
      once,
    );
    expect(await requested()).toEqual([]);
    expect((await runOf(b.messageId)).waitsFor).toBe("resume");
    await pauses.project?.resume();
    expect(await requested()).toEqual([b.id]);
  });

  test("of a thousand goes on in the order in which they came", async () => {
    await pauses.project?.pause();
    const first = await runOf(await send({}));
    await database.query(
      `insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id, waits_for)
       select project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id, 'resume' from runs, generate_series(1, 1200)
       where id = $1`,
      [first.id],
    );
    await pauses.project?.resume();
    const ids = (await runs()).map(({ id }) => id);
    expect(await requested()).toEqual(ids);
    expect(ids).toHaveLength(1_201);
  });
});

type Act =
  | { kind: "send"; keys: number[] }
  | { kind: "work"; times: number }
  | { kind: "cancel"; nth: number }
  | { kind: "rerun"; nth: number }
  | { kind: "pause" | "resume"; of: "workflow" | "project" }
  | { kind: "handBack" | "giveUp"; nth: number }
  | { kind: "sweep" };

const nth = fc.nat(30);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      keys: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("work" as const), times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), nth }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rerun" as const), nth }) },
  fc.record({
    kind: fc.constantFrom("pause" as const, "resume" as const),
    of: fc.constantFrom("workflow" as const, "project" as const),
  }),
  fc.record({ kind: fc.constantFrom("handBack" as const, "giveUp" as const), nth }),
  fc.record({ kind: fc.constant("sweep" as const) }),
);

/** One history: what was asked, by two engines at once, and what they saw. */
class History {
  readonly #underWay = new Map<string, string>();
  readonly started: { key: string; runId: string }[] = [];
  readonly faults: string[] = [];
  readonly #keys = new Map<string, string>();
  readonly #queue: string[] = [];
  readonly #engines = [0, 1].map(() => host((request) => this.#step(request)));
  #turns = 0;

  /** Where a step is, others may be; how it ends is chance by its number. */
  async #step({ runId }: StepRequest): Promise<Partial<StepResult>> {
    const key = await this.#keyOf(runId);
    const other = this.#underWay.get(key);
    if (other && other !== runId) this.faults.push(`${runId} beside ${other} of ${key}`);
    this.#underWay.set(key, runId);
    this.started.push({ key, runId });
    await Promise.all([database.query("select pg_sleep(0.002)"), this.#elsewhere()]);
    this.#underWay.delete(key);
    const turn = this.#turns++;
    if (turn % 11 === 10) throw new NotStartedError("not now");
    const reasons = ["success", "fail", "success", "crash", "kill", "lost", "exception"] as const;
    const reason = reasons[turn % reasons.length] ?? "success";
    return reason === "success" ? {} : { reason, output: null, error: { type: "Error", message: "no" } };
  }

  async #keyOf(runId: string): Promise<string> {
    const known = this.#keys.get(runId);
    if (known) return known;
    const [row] = await database.query<{ key: string | null }>(
      "select order_key as key from runs where id = $1",
      [runId],
    );
    const key = row?.key ?? runId;
    this.#keys.set(runId, key);
    return key;
  }

  #elsewhere = async () => {};

  async #engine(which: number): Promise<void> {
    const id = this.#queue.shift();
    const engine = this.#engines[which];
    if (!id || !engine) return;
    try {
      await executeRun(engine, id, once);
    } catch (error) {
      // Delivered again later, as every engine does.
      if (!(error instanceof NotStartedError) && !String(error).includes("runner")) throw error;
      this.#queue.push(id);
    }
  }

  async work(times: number): Promise<void> {
    this.#queue.push(...(await requested()));
    for (let i = 0; i < times; i++) await Promise.all([this.#engine(0), this.#engine(1)]);
  }

  async #pick(nth: number): Promise<RunRow | undefined> {
    const all = await runs();
    return all.length === 0 ? undefined : all[nth % all.length];
  }

  async play(one: Act): Promise<void> {
    switch (one.kind) {
      case "send":
        await Promise.all(one.keys.map((key) => patient(`P-${key}`)));
        return;
      case "work":
        return this.work(one.times);
      case "cancel": {
        const picked = await this.#pick(one.nth);
        if (picked) await cancelRun(clinic.ctx, picked.id).catch(refused);
        return;
      }
      case "rerun": {
        const picked = await this.#pick(one.nth);
        if (!picked) return;
        await elevenSecondsLater(picked.messageId);
        await rerunRun(clinic.ctx, { runId: picked.id }).catch(refused);
        return;
      }
      case "pause":
        await (one.of === "project"
          ? pauseProject(clinic.ctx)
          : pauseWorkflow(clinic.ctx, clinic.workflows.hook));
        return;
      case "resume":
        await (one.of === "project"
          ? resumeProject(clinic.ctx)
          : resumeWorkflow(clinic.ctx, clinic.workflows.hook));
        return;
      case "handBack": {
        const picked = await this.#pick(one.nth);
        if (picked) await handBackRuns(database, [picked.id]);
        return;
      }
      case "giveUp": {
        const picked = await this.#pick(one.nth);
        if (picked && picked.state === "pending" && !picked.waitsFor) await giveUpRun(host(), picked.id);
        return;
      }
      case "sweep":
        await release();
        return;
      default:
        one satisfies never;
    }
  }

  /** Everything goes on until nothing is left to do. */
  async end(): Promise<void> {
    await this.play({ kind: "resume", of: "workflow" });
    await this.play({ kind: "resume", of: "project" });
    for (let i = 0; i < 200 && (await this.#isMore()); i++) await this.work(4);
  }

  async #isMore(): Promise<boolean> {
    this.#queue.push(...(await requested()));
    return this.#queue.length > 0;
  }
}

function refused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

test("whatever happens, and whoever does it at once: never two of a key, in order, and nothing waits for ever", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(act, { minLength: 1, maxLength: 3 }), { maxLength: 10 }),
      async (rounds) => {
        clinic = await createClinic();
        await order("data.patient.id");
        const history = new History();
        for (const round of rounds) await Promise.all(round.map((one) => history.play(one)));
        await history.end();
        expect(history.faults).toEqual([]);
        const left = (await runs()).filter(({ state }) => state === "pending" || state === "running");
        expect(left).toEqual([]);
        const firsts = [
          ...new Map(history.started.toReversed().map((one) => [one.runId, one])).values(),
        ].toReversed();
        for (const key of new Set(firsts.map((one) => one.key))) {
          const inOrder = firsts.filter((one) => one.key === key).map((one) => one.runId);
          expect(inOrder).toEqual([...inOrder].sort());
        }
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
});

test("a strange project's line is not touched: the same workflow id, key and run ids say nothing there", async () => {
  await order("data.patient.id");
  const [first, second] = [await runOf(await patient("P-1")), await runOf(await patient("P-1"))];
  await requested();
  const rows = await database.query("select * from next_in_line($1, $2, 'P-1', $3)", [
    randomUUID(),
    clinic.workflows.hook,
    [first.id],
  ]);
  expect(rows).toEqual([]);
  expect(await runOf(second.messageId)).toMatchObject({ waitsFor: "turn" });
});
