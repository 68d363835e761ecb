import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { unprotected } from "@/lib/domain/mask/protection";
import { setProtection } from "@/lib/domain/mask/set";
import { createMessage } from "@/lib/domain/message/create";
import { setJob } from "@/lib/editor/edits";
import type { StepRequest, WouldBeRequest } from "@/lib/runner/contract";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestProject,
  type TestUser,
} from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { compareTest } from "./compare-test";
import { executeTest } from "./execute";
import { listTestsOfMessage } from "./of-message";
import { startTest } from "./start";
import { resolvesAll, testDraft, testHostOf } from "./testing";

const would: WouldBeRequest = {
  ...{ host: "example.org", port: 443, secure: true, method: "POST", path: "/patients" },
  ...{ headers: {}, body: "{}" },
};
let owner: TestUser;
let project: TestProject;
let ctx: Context;
let of: Awaited<ReturnType<typeof testDraft>>;
let runner: ScriptedRunner;
let runs = 0;

/** The draft's first job says so in what it hands on, and sends twice. */
const result = ({ job, input }: StepRequest) => {
  const isChanged = job.source.includes("changed");
  const output = JSON.stringify({
    data: { from: job.name, isChanged, at: 0, got: JSON.parse(input).data ?? null },
  });
  return { output, requests: isChanged ? [would, would] : [would] };
};

beforeEach(async () => {
  owner = await createTestUser();
  project = await createTestProject({ owner });
  ctx = contextFor(owner, project);
  of = await testDraft(ctx, (graph) =>
    setJob(graph.jobs[0]?.id ?? "", { body: "fn(s => 'changed')" })(graph),
  );
  runner = new ScriptedRunner(result);
});

type Asked = Partial<Omit<Parameters<typeof startTest>[1], "workflowId">>;

async function tried(asked: Asked = {}, isRun = true, as = ctx, draft = of): Promise<string> {
  const { id } = await startTest(
    as,
    {
      ...{ workflowId: draft.workflowId, revision: 1, mode: "record" as const },
      ...{ start: { jobId: draft.ids.first, alone: true }, input: { json: { data: { n: 1 } } } },
      ...asked,
    },
    resolvesAll,
  );
  if (isRun) await executeTest(testHostOf(runner), { testId: id, projectId: project.id });
  return id;
}
const compared = (testId: string, as = ctx, { workflowId } = of) =>
  compareTest(as, { workflowId, testId }, { runner: () => runner, memoryMb: 64, ...resolvesAll });

describe("a test beside the saved version", () => {
  test("on the same input, whatever that is: output and requests that differ, by job", async () => {
    const { messageId } = await createMessage(ctx, { body: '{"form":"visit"}' });
    for (const input of [{ json: { data: { n: 1 } } }, { messageId }, {}]) {
      const found = await compared(await tried({ input }));
      expect(found).toMatchObject({ problem: null, unsteady: [], lockVersion: 1 });
      expect(found.changes.map(({ jobName, what, before, after }) => [jobName, what, before, after])).toEqual(
        [
          ["First", "output", null, null],
          ["First", "requests", "1 request", "2 requests"],
        ],
      );
      const lines = found.changes[0]?.difference?.hunks.flat().filter(({ kind }) => kind !== "kept") ?? [];
      expect(lines.map(({ text }) => text.trim())).toEqual(['"isChanged": false', '"isChanged": true']);
    }
  });

  test("is on record", async () => {
    const testId = await tried();
    await compared(testId);
    expect((await expectAudit("test.replay", of.workflowId)).after).toEqual({ testId, lockVersion: 1 });
  });

  test("at the same place: from a trigger all that follows, alone nothing that does", async () => {
    const whole = await compared(await tried({ start: { triggerId: of.ids.trigger } }));
    expect(new Set(whole.changes.map(({ jobName }) => jobName))).toEqual(new Set(["First", "Second"]));
    runner.started.length = 0;
    await compared(await tried({ start: { jobId: of.ids.second, alone: true } }));
    expect(new Set(runner.started.map(({ job }) => job.name))).toEqual(new Set(["Second"]));
  });

  test("says that nothing differs, and tells apart what is another at every run", async () => {
    expect((await compared(await tried({ start: { jobId: of.ids.second, alone: true } }))).changes).toEqual(
      [],
    );
    runner.script = (request) => {
      const { output, requests } = result(request);
      return { output: output.replace('"at":0', `"at":${++runs}`), requests };
    };
    const found = await compared(await tried());
    expect(found.unsteady).toMatchObject([{ jobName: "First", what: "output" }]);
    expect(found.changes.map(({ what }) => what)).toEqual(["output", "requests"]);
    expect(JSON.stringify(found.changes)).not.toContain('\\"at\\": 1');
  });

  test("sends nothing, however the job was tried, and one that really sent is not compared", async () => {
    await compared(await tried());
    expect(runner.started.every(({ egress }) => egress?.record === true)).toBe(true);
    expect((await compared(await tried({ mode: "send" }))).problem).toContain("really sent");
  });

  test("is not there for what the saved version does not have", async () => {
    const added = await testDraft(ctx, (graph) => ({
      ...graph,
      jobs: [...graph.jobs, { ...graph.jobs[0], id: crypto.randomUUID(), name: "New" } as never],
    }));
    const jobId = added.graph.jobs.at(-1)?.id ?? "";
    const id = await tried({ start: { jobId, alone: true } }, true, ctx, added);
    expect((await compared(id, ctx, added)).problem).toContain("does not have what this test begins at");
  });

  test("is refused while the test is under way, and is its owner's alone", async () => {
    await expectRefusal(compared(await tried({}, false)), "conflict");
    const id = await tried();
    const other = await addTestMember(project, "editor");
    await expectRefusal(compared(id, contextFor(other, project, "editor")), "not_found");
  });

  test("tells nothing to whom something of it is masked", async () => {
    const editor = await addTestMember(project, "editor");
    const as = contextFor(editor, project, "editor");
    const own = await testDraft(as, (graph) =>
      setJob(graph.jobs[0]?.id ?? "", { body: "fn(s => 'changed')" })(graph),
    );
    const id = await tried({}, true, as, own);
    await setProtection(ctx, { ...unprotected, masks: ["$.patient.name"], maskedRoles: ["editor"] });
    const found = await compared(id, as, own);
    expect(found).toMatchObject({ changes: [], unsteady: [] });
    expect(found.problem).toContain("masked");
  });
});

test("a message says how often its reader tried it on a draft of theirs, and nobody else's", async () => {
  const { messageId } = await createMessage(ctx, { body: '{"form":"visit"}' });
  expect(await listTestsOfMessage(ctx, { messageId })).toEqual({ items: [], nextCursor: null });
  await tried({ input: { messageId } });
  await tried({ input: { messageId } }, false);
  await tried();
  const { items } = await listTestsOfMessage(ctx, { messageId });
  expect(items).toMatchObject([{ workflowId: of.workflowId, tests: 2 }]);
  const other = await addTestMember(project, "editor");
  expect(await listTestsOfMessage(contextFor(other, project, "editor"), { messageId })).toEqual({
    items: [],
    nextCursor: null,
  });
});
