import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credential/create";
import { shareCredential } from "@/lib/domain/credential/share";
import { discardDraft } from "@/lib/domain/draft/discard";
import { saveDraft } from "@/lib/domain/draft/save";
import { unprotected } from "@/lib/domain/mask/protection";
import { setProtection } from "@/lib/domain/mask/set";
import { removeMember } from "@/lib/domain/member/remove";
import { createMessage } from "@/lib/domain/message/create";
import { pauseWorkflow } from "@/lib/domain/workflow/pause";
import type { DraftGraph } from "@/lib/editor/graph";
import { limits } from "@/lib/limits";
import { eventData } from "@/lib/queue/events";
import type { StepRequest, WouldBeRequest } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestProject,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { failure, ScriptedRunner } from "@/lib/testing/scripted-runner";
import { cancelTest } from "./cancel";
import { executeTest } from "./execute";
import { getTest } from "./get";
import type { TestHost } from "./host";
import { listTests } from "./list";
import { startTest } from "./start";
import { sweepTests } from "./sweep";
import { resolvesAll, testDraft, testHostOf } from "./testing";

const database = testDatabase();
const would: WouldBeRequest = {
  ...{ host: "example.org", port: 443, secure: true, method: "POST", path: "/patients" },
  ...{ headers: { "x-name": "Amina Diallo" }, body: "{}" },
};
let owner: TestUser;
let project: TestProject;
let ctx: Context;
let of: Awaited<ReturnType<typeof testDraft>>;
let runner: ScriptedRunner;

beforeEach(async () => {
  owner = await createTestUser();
  project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  of = await testDraft(ctx);
  runner = new ScriptedRunner(({ job }) => ({
    output: `{"data":{"from":"${job.name}"}}`,
    requests: [would],
  }));
});

type Asked = Partial<Omit<Parameters<typeof startTest>[1], "workflowId">>;

const ask = async (asked: Asked = {}, as = ctx, deps = resolvesAll) =>
  (
    await startTest(
      as,
      {
        workflowId: of.workflowId,
        revision: 1,
        mode: "record",
        start: { triggerId: of.ids.trigger },
        ...asked,
      },
      deps,
    )
  ).id;
const run = (testId: string, host: Partial<TestHost> = {}) =>
  executeTest(testHostOf(runner, host), { testId, projectId: project.id });
const read = (testId: string, as = ctx) => getTest(as, { workflowId: of.workflowId, testId });
const tried = async (asked: Asked = {}) => {
  const id = await ask(asked);
  await run(id);
  return read(id);
};
const redraft = async (change: (graph: DraftGraph) => DraftGraph) => {
  of = { ...of, graph: change(of.graph) };
  await saveDraft(ctx, { workflowId: of.workflowId, revision: 1, baseVersion: 1, graph: of.graph });
};
const names = (found: { steps: { jobName: string; reason: string | null }[] }) =>
  found.steps.map(({ jobName, reason }) => `${jobName}: ${reason}`);

/** Everything that a live run would have left. */
const live = () =>
  database.query(
    `select (select count(*)::int from runs where project_id = $1) as runs, (select count(*)::int from work_orders where project_id = $1) as orders,
       (select count(*)::int from steps where project_id = $1) as steps, (select count(*)::int from job_states where project_id = $1) as states,
       (select count(*)::int from dataclips where project_id = $1) as states_kept, (select count(*)::int from issues where project_id = $1) as issues`,
    [project.id],
  );

describe("a test", () => {
  test("waits for an engine, walks the draft as a run would, and leaves nothing of a run", async () => {
    const before = await live();
    const id = await ask({ input: { json: { data: { name: "Amina" } } } });
    expect(await read(id)).toMatchObject({
      state: "waiting",
      source: "hand",
      mode: "record",
      inputOf: "json",
      steps: [],
    });
    const [row] = await database.query<{ event: string; data: unknown }>(
      "select event, data from outbox where project_id = $1",
      [project.id],
    );
    expect(row?.event).toBe("test/requested");
    expect(eventData["test/requested"].parse(row?.data)).toEqual({ testId: id, projectId: project.id });
    expect(await run(id)).toEqual({ isRun: true });
    const found = await read(id);
    expect(found).toMatchObject({ state: "success", errorType: null, notes: [] });
    expect(names(found)).toEqual(["First: success", "Second: success"]);
    expect(found.steps[0]).toMatchObject({
      input: '{"data":{"name":"Amina"}}',
      output: '{"data":{"from":"First"}}',
      follows: null,
      requests: [would],
    });
    expect(found.steps[1]).toMatchObject({ input: '{"data":{"from":"First"}}', follows: 0 });
    expect(
      runner.started.map(({ egress, isAlone, limits: given }) => [egress, isAlone, given?.timeoutMs]),
    ).toEqual([
      [{ record: true }, true, 30_000],
      [{ record: true }, true, 30_000],
    ]);
    expect(await live()).toEqual(before);
    await expectAudit("test.start", id);
  });

  test("is never run twice, whoever delivers it", async () => {
    const id = await ask();
    const [one, two] = await Promise.all([run(id), run(id)]);
    expect([one?.isRun, two?.isRun].toSorted()).toEqual([false, true]);
    expect(await run(id)).toEqual({ isRun: false });
    expect(runner.started).toHaveLength(2);
  });

  test("follows a failure, stops at what aborts, and says so in a run's words", async () => {
    runner.script = ({ job }) => (job.name === "First" ? failure("JobError", "no such patient") : {});
    const handled = await tried();
    expect(names(handled)).toEqual(["First: fail", "Caught: success"]);
    expect(handled).toMatchObject({ state: "success" });
    runner.script = () => ({ reason: "crash", error: { type: "TypeError", message: "x is undefined" } });
    expect(await tried()).toMatchObject({
      state: "crashed",
      errorType: "TypeError",
      errorMessage: "x is undefined",
    });
    runner.script = () => ({ conditions: {} });
    await redraft((graph) => ({
      ...graph,
      edges: graph.edges.map((edge) =>
        edge.targetJobId === of.ids.second
          ? { ...edge, conditionType: "js_expression", conditionExpression: "state.data.ok" }
          : edge,
      ),
    }));
    const undecided = await tried({ revision: 2 });
    expect(undecided).toMatchObject({ state: "crashed", errorType: "EdgeConditionError" });
    expect(names(undecided)).toEqual(["First: crash"]);
  });

  test("runs one job alone, from a job on, or from a trigger", async () => {
    expect(names(await tried({ start: { jobId: of.ids.first, alone: true } }))).toEqual(["First: success"]);
    expect(names(await tried({ start: { jobId: of.ids.first } }))).toEqual([
      "First: success",
      "Second: success",
    ]);
    await expectRefusal(ask({ start: { jobId: randomUUID() } }), "not_found");
    await expectRefusal(ask({ start: { triggerId: randomUUID() } }), "not_found");
  });

  test("begins with a message, a saved input, what a step began with, or what the clock's next run would", async () => {
    const message = await createMessage(ctx, { body: '{"form":"visit","n":1.0}' });
    expect((await tried({ input: { messageId: message.messageId } })).steps[0]?.input).toContain('"n":1.0');
    const [clip] = await database.query<{ id: string }>(
      "insert into dataclips (project_id, type, body, size) values ($1, 'saved_input', '{\"data\":7}', 10) returning id",
      [project.id],
    );
    expect((await tried({ input: { dataclipId: clip?.id ?? "" } })).steps[0]?.input).toBe('{"data":7}');
    expect(await tried({ start: { triggerId: of.ids.cron } })).toMatchObject({
      inputOf: "clock",
      state: "success",
    });
    for (const input of [{ messageId: randomUUID() }, { dataclipId: randomUUID() }, { stepId: randomUUID() }])
      await expectRefusal(ask({ input }), "not_found");
    await database.query("update dataclips set body = null, wiped_at = now() where id = $1", [clip?.id]);
    await expectRefusal(ask({ input: { dataclipId: clip?.id ?? "" } }), "conflict");
  });

  test("of an unsound draft runs what it can, and says by node what it cannot", async () => {
    const { first, second } = of.ids;
    await redraft((graph) => ({
      ...graph,
      jobs: graph.jobs.map((job) => (job.id === second ? { ...job, body: " " } : job)),
      edges: graph.edges
        .map((edge) =>
          edge.sourceTriggerId === of.ids.trigger ? { ...edge, targetJobId: randomUUID() } : edge,
        )
        .concat({
          ...(graph.edges[3] as DraftGraph["edges"][number]),
          id: randomUUID(),
          sourceJobId: second,
          targetJobId: first,
        }),
    }));
    const found = await tried({ revision: 2, start: { triggerId: of.ids.webhook } });
    expect(names(found)).toEqual(["First: success", "Second: exception"]);
    expect(found.steps[1]?.error).toMatchObject({
      type: "ValidationError",
      message: "Code editor cannot be empty.",
    });
    expect(found.notes.map(({ item }) => item)).toEqual(["edge", "edge"]);
    expect(found.notes.map(({ message }) => message).join()).toContain(
      "Circular dependency: Second <-> First",
    );
  });

  test("pins adaptors when it is asked for, and marks those that cannot be had", async () => {
    await redraft((graph) => ({
      ...graph,
      jobs: graph.jobs.map((job) =>
        job.id === of.ids.first
          ? { ...job, adaptor: "@openfn/language-http@latest" }
          : { ...job, adaptor: "nothing" },
      ),
    }));
    let version = "7.1.0";
    const id = await ask({ revision: 2 }, ctx, { resolveAdaptor: async () => ({ version }) });
    version = "8.0.0";
    await run(id);
    expect(runner.started[0]?.job.adaptor).toEqual({ name: "@openfn/language-http", version: "7.1.0" });
    const found = await read(id);
    expect(found.steps[1]).toMatchObject({ reason: "exception", error: { type: "AdaptorLoadError" } });
    expect(found.state).toBe("exception");
  });

  test("says that a retry policy was not followed", async () => {
    await redraft((graph) => ({
      ...graph,
      jobs: graph.jobs.map((job) => ({
        ...job,
        retry: { attempts: 3, delaySeconds: 30, maxDelaySeconds: 60, errorTypes: null },
      })),
    }));
    runner.script = () => failure();
    const found = await tried({ revision: 2, start: { jobId: of.ids.second } });
    expect(names(found)).toEqual(["Second: fail"]);
    expect(found.notes).toMatchObject([{ item: "job", itemId: of.ids.second }]);
  });

  test("with a stale draft, while too many wait, or too often, is refused", async () => {
    await expectRefusal(ask({ revision: 2 }), "conflict");
    for (let n = 0; n < limits.testsWaiting; n++) await ask();
    await expectRefusal(ask(), "limit");
    await database.query(
      "update test_runs set state = 'success', finished_at = now() where project_id = $1",
      [project.id],
    );
    for (let n = limits.testsWaiting; n < limits.testsPerMinute; n++) {
      await ask();
      await database.query(
        "update test_runs set state = 'success', finished_at = now() where project_id = $1",
        [project.id],
      );
    }
    await expectRefusal(ask(), "limit");
  });

  test("with an input that is too large, or that would never end, is refused or ended", async () => {
    const json = { data: "x".repeat(limits.testInput) };
    await expectRefusal(ask({ input: { json } }), "invalid");
    const jobs = Array.from({ length: 12 }, (_, n) => ({
      ...(of.graph.jobs[0] as DraftGraph["jobs"][number]),
      ...{ id: randomUUID(), name: `J${n}` },
    }));
    // Two ways to each: twice as many of each as of the one before.
    const edges = jobs.slice(1).flatMap((job, n) =>
      [1, 2].map(() => ({
        ...(of.graph.edges[3] as DraftGraph["edges"][number]),
        ...{ id: randomUUID(), sourceJobId: jobs[n]?.id ?? null, targetJobId: job.id },
      })),
    );
    await redraft((graph) => ({ ...graph, triggers: [], jobs, edges }));
    const found = await tried({ revision: 2, start: { jobId: jobs[0]?.id ?? "" } });
    expect(found).toMatchObject({ state: "killed", errorType: "LimitError" });
    expect(found.steps).toHaveLength(limits.testSteps);
  });

  test("keeps the newest of its draft", async () => {
    await database.query(
      `insert into test_runs (project_id, draft_id, revision, source, mode, state, input_of, created_at, finished_at)
       select $1, $2, 1, 'url', 'record', 'success', 'none', now() - interval '1 hour', now() from generate_series(1, $3::int)`,
      [project.id, of.draftId, limits.testsKept],
    );
    const id = await ask();
    const { items, nextCursor } = await listTests(ctx, { workflowId: of.workflowId });
    expect([items.length, items[0]?.id, nextCursor]).toEqual([limits.testsKept, id, null]);
  });

  test("keeps no more than its bytes, and says what is missing", async () => {
    runner.script = () => ({ output: JSON.stringify({ data: "x".repeat(3_000_000) }) });
    const found = await tried();
    expect(found.steps.map(({ isCut, output }) => [isCut, output?.length ?? null])).toEqual([
      [false, 3_000_011],
      [true, null],
    ]);
    // What one job hands to the next is whole all the same.
    expect(runner.started[1]?.input).toHaveLength(3_000_011);
  });
});

describe("what a test may do", () => {
  test("nothing is sent unless somebody chose it; then as a run would send it, with the project's hosts and a token", async () => {
    await database.query(`update projects set egress_allow = '["a.example.org"]' where id = $1`, [
      project.id,
    ]);
    const credential = await createCredential(userContextFor(owner), {
      name: "Clinic",
      body: { password: "hunter2hunter2" },
    });
    const { id: linkId } = await shareCredential(ctx, { credentialId: credential.id });
    await redraft((graph) => ({
      ...graph,
      jobs: graph.jobs.map((job) => ({
        ...job,
        projectCredentialId: linkId,
        body: "collections.get('a', 'b')",
      })),
    }));
    const id = await ask({ revision: 2, mode: "send", start: { jobId: of.ids.second } });
    await run(id);
    expect(runner.started[0]).toMatchObject({
      egress: { onlyHosts: ["a.example.org"] },
      ...{ credentialId: linkId, configuration: { password: "hunter2hunter2" }, isAlone: true },
      collections: { token: `token of ${id}` },
    });
    expect(runner.started[0]?.egress?.record).toBeUndefined();
    expect(runner.started[0]?.limits?.timeoutMs).toBe(1_000);
    // The record has the code, once: no saved version has it.
    expect((await expectAudit("test.code", id)).after).toMatchObject({
      mode: "send",
      code: { [of.ids.second]: "collections.get('a', 'b')" },
    });
    const again = await ask({ revision: 2, start: { jobId: of.ids.second } });
    await run(again);
    expect(
      await database.query("select 1 from audit_events where event = 'test.code' and item_id = $1", [again]),
    ).toEqual([]);
  });

  test("sends nothing from what is paused, not even when it was asked for before", async () => {
    const id = await ask({ mode: "send" });
    await pauseWorkflow(ctx, of.workflowId);
    await expectRefusal(ask({ mode: "send" }), "conflict");
    await run(id);
    expect(await read(id)).toMatchObject({ state: "exception", errorType: "TestError" });
    expect(runner.started).toEqual([]);
    expect(await tried()).toMatchObject({ state: "success" });
  });

  test("a secret that one job hands on reaches the next and no row", async () => {
    const secret = "hunter2hunter2";
    runner.script = ({ job }) =>
      job.name === "First"
        ? { output: `{"data":"${secret}"}`, shown: { text: '{"data":"***"}', hidden: [secret] } }
        : { output: '{"data":1}' };
    const found = await tried();
    expect(runner.started[1]).toMatchObject({ input: `{"data":"${secret}"}`, hidden: [secret] });
    expect(found.steps[1]?.input).toBe('{"data":"***"}');
    const rows = await database.query(
      "select t::text as t from test_runs t where project_id = $1 union all select s::text from test_steps s where project_id = $1",
      [project.id],
    );
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  test("a project that keeps nothing keeps no states and no requests, one that keeps errors those alone", async () => {
    const persist = (word: string) =>
      database.query("update projects set persistence = $2 where id = $1", [project.id, word]);
    const input = { json: { data: "Amina" } };
    await persist("erase_all");
    const erased = await tried({ input });
    expect(erased.steps.map(({ input: i, output, requests, isCut }) => [i, output, requests, isCut])).toEqual(
      [
        [null, null, [], true],
        [null, null, [], true],
      ],
    );
    const rows = await database.query("select t::text as t from test_runs t where project_id = $1", [
      project.id,
    ]);
    expect(JSON.stringify(rows)).not.toContain("Amina");
    await persist("retain_with_errors");
    expect((await tried({ input })).steps[0]).toMatchObject({ input: null, output: null });
    runner.script = () => failure();
    expect((await tried({ input, start: { jobId: of.ids.second } })).steps[0]).toMatchObject({
      input: '{"data":"Amina"}',
    });
  });

  test("somebody who may not start runs any more has nothing tested", async () => {
    const editor = await addTestMember(project, "editor");
    const theirs = contextFor(editor, project, "editor");
    of = await testDraft(theirs);
    const id = await ask({}, theirs);
    await database.query("update project_members set role = 'viewer' where user_id = $1", [editor.id]);
    await run(id);
    const [row] = await database.query<{ state: string }>("select state from test_runs where id = $1", [id]);
    expect([row?.state, runner.started]).toEqual(["exception", []]);
  });
});

describe("the end of a test", () => {
  /** A runner whose job goes on until it is cancelled. */
  function stubborn() {
    const begun: StepRequest[] = [];
    const standing = new ScriptedRunner();
    standing.runStep = (request: StepRequest, _?: unknown, signal?: AbortSignal) => {
      begun.push(request);
      return new Promise((resolve) => {
        const end = () =>
          resolve({
            ...{ reason: "cancel", output: null, error: { type: "Cancelled", message: "" }, conditions: {} },
            ...{ durationMs: 1, peakMemoryMb: null, connections: [] },
          });
        if (signal?.aborted) end();
        signal?.addEventListener("abort", end);
      });
    };
    return { runner: standing, begun };
  }

  test("one that waits is cancelled at once, one that runs within a moment", async () => {
    const waiting = await ask();
    expect(await cancelTest(ctx, { workflowId: of.workflowId, testId: waiting })).toEqual({
      state: "cancelled",
    });
    expect(await run(waiting)).toEqual({ isRun: false });
    await expectRefusal(cancelTest(ctx, { workflowId: of.workflowId, testId: waiting }), "conflict");
    const { runner: standing, begun } = stubborn();
    const id = await ask();
    const running = executeTest(testHostOf(standing), { testId: id, projectId: project.id });
    await vi.waitFor(() => expect(begun).toHaveLength(1), { timeout: 20_000 });
    expect(await cancelTest(ctx, { workflowId: of.workflowId, testId: id })).toEqual({ state: "running" });
    await running;
    expect(await read(id)).toMatchObject({ state: "cancelled", errorType: "Cancelled" });
    expect(begun).toHaveLength(1);
  });

  test("a draft that is discarded takes its tests with it, and the job that runs is stopped", async () => {
    const { runner: standing, begun } = stubborn();
    const id = await ask();
    const running = executeTest(testHostOf(standing), { testId: id, projectId: project.id });
    await vi.waitFor(() => expect(begun).toHaveLength(1), { timeout: 20_000 });
    await discardDraft(ctx, { workflowId: of.workflowId });
    await running;
    expect(await database.query("select 1 from test_runs where id = $1", [id])).toEqual([]);
  });

  test("whose engine died is lost, says so, and is not begun again", async () => {
    const id = await ask();
    await database.query(
      "update test_runs set state = 'running', claim = gen_random_uuid(), beat_at = now() where id = $1",
      [id],
    );
    const host = testHostOf(runner);
    expect(await sweepTests(host)).toMatchObject({ gone: 0 });
    expect(await read(id)).toMatchObject({ state: "running" });
    await database.query("update test_runs set beat_at = now() - interval '5 minutes' where id = $1", [id]);
    await sweepTests(host);
    expect(await run(id)).toEqual({ isRun: false });
    expect(await read(id)).toMatchObject({ state: "lost", errorType: "Lost" });
    expect(runner.started).toEqual([]);
  });

  test("whoever lost a test to the sweep changes nothing of it any more", async () => {
    const id = await ask();
    runner.script = async () => {
      await database.query("update test_runs set beat_at = now() - interval '5 minutes' where id = $1", [id]);
      await sweepTests(testHostOf(runner));
      return {};
    };
    await run(id, { beatMs: 60_000 });
    expect(await read(id)).toMatchObject({ state: "lost" });
  });

  test("an engine that is being stopped begins no further job", async () => {
    const id = await ask();
    await run(id, { isStopping: () => runner.started.length > 0 });
    expect(await read(id)).toMatchObject({ state: "lost" });
    expect(runner.started).toHaveLength(1);
  });

  test("one is kept for a week, or as long as its project keeps the least of a run", async () => {
    const day = 86_400_000;
    const id = await tried();
    const later = async (days: number) => {
      const at = new Date(Date.now() + days * day);
      while ((await sweepTests(testHostOf(runner), { now: at, only: project.id })).gone > 0);
    };
    await later(6.9);
    expect(await read(id.id)).toMatchObject({ state: "success" });
    await database.query(
      `update projects set retention = '{"history": null, "messages": {"success": null, "failure": null}, "dataclips": {"success": 3, "failure": 30}, "logs": {"success": null, "failure": null}}' where id = $1`,
      [project.id],
    );
    await later(2.9);
    expect(await read(id.id)).toMatchObject({ state: "success" });
    await later(3.1);
    await expectRefusal(read(id.id), "not_found");
    await database.query("update projects set retention = null where id = $1", [project.id]);
    const other = await tried();
    await later(7.1);
    await expectRefusal(read(other.id), "not_found");
  });
});

describe("who sees a test", () => {
  test("its owner alone, whatever others' roles are", async () => {
    const { id } = await tried();
    const admin = contextFor(await addTestMember(project, "admin"), project, "admin");
    await expectRefusal(read(id, admin), "not_found");
    await expectRefusal(listTests(admin, { workflowId: of.workflowId }), "not_found");
    await expectRefusal(cancelTest(admin, { workflowId: of.workflowId, testId: id }), "not_found");
    const viewer = contextFor(await addTestMember(project, "viewer"), project, "viewer");
    await expectRefusal(read(id, viewer), "forbidden");
    await expectRefusal(ask({}, viewer), "forbidden");
    const repository: Context = {
      ...ctx,
      actor: { type: "token", tokenId: randomUUID(), label: "repository" },
      role: "admin",
    };
    await expectRefusal(ask({}, repository), "forbidden");
    const stranger = contextFor(owner, await createTestProject({ owner }));
    await expectRefusal(read(id, stranger), "not_found");
    await removeMember(ctx, { userId: admin.actor.type === "user" ? admin.actor.userId : "" });
  });

  test("nobody sees more than their role may: what is masked in its input, and in what its jobs found out", async () => {
    await setProtection(ctx, { ...unprotected, masks: ["$.patient.name"], maskedRoles: ["editor"] });
    const theirs = contextFor(await addTestMember(project, "editor"), project, "editor");
    of = await testDraft(theirs);
    const message = await createMessage(ctx, { body: '{"form":"visit","patient":{"name":"Amina Diallo"}}' });
    runner.script = () => ({
      output: '{"data":{"patient":{"name":"Binta Sow"},"greeting":"Dear Binta Sow"}}',
      requests: [would],
      error: null,
    });
    for (const input of [
      { messageId: message.messageId },
      { json: { data: { patient: { name: "Amina Diallo" } } } },
    ]) {
      const id = await ask({ input }, theirs);
      await run(id);
      const text = JSON.stringify((await read(id, theirs)).steps);
      expect(text).toContain("•••");
      for (const name of ["Amina Diallo", "Binta Sow"]) expect(text).not.toContain(name);
    }
  });
});
