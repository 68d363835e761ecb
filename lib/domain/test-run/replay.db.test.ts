import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { saveDraft } from "@/lib/domain/draft/save";
import { unprotected } from "@/lib/domain/mask/protection";
import { setProtection } from "@/lib/domain/mask/set";
import { createMessage } from "@/lib/domain/message/create";
import { startRun } from "@/lib/domain/run/start";
import { limits } from "@/lib/limits";
import type { StepRequest, StepResult, WouldBeRequest } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
} from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { replayDraft } from "./replay";
import { listReplayMessages } from "./replay-messages";
import { resolvesAll, testDraft } from "./testing";

const database = testDatabase();
const request = (of: Partial<WouldBeRequest> = {}): WouldBeRequest => ({
  ...{ host: "example.org", port: 443, secure: true, method: "POST", path: "/", headers: {}, body: "{}" },
  ...of,
});
let ctx: Context;
let of: Awaited<ReturnType<typeof testDraft>>;
let messageId: string;

/** The draft's jobs differ from the saved ones by their code. */
const isDraft = ({ job }: StepRequest) => job.source.includes("draft");

beforeEach(async () => {
  const owner = await createTestUser();
  ctx = contextFor(owner, await createTestProject({ owner }));
  of = await testDraft(ctx, (graph) => ({
    ...graph,
    jobs: graph.jobs.map((job) => ({ ...job, body: "fn(s => s) // draft" })),
  }));
  ({ messageId } = await createMessage(ctx, { body: '{"form":"visit"}' }));
});

const replay = (
  script: (asked: StepRequest) => Partial<StepResult>,
  {
    as = ctx,
    ids = [messageId],
    budgetMs = 60_000,
  }: { as?: Context; ids?: string[]; budgetMs?: number } = {},
) =>
  replayDraft(
    as,
    { workflowId: of.workflowId, revision: 1, messageIds: ids, triggerId: of.ids.trigger },
    { runner: () => new ScriptedRunner(script), memoryMb: 64, ...resolvesAll, budgetMs },
  );

describe("a replay", () => {
  test("of two versions that do the same says that nothing changes, whatever the order of keys, and leaves one line", async () => {
    const { items, lockVersion } = await replay((asked) => ({
      output: isDraft(asked) ? '{"b":1,"a":{"d":2,"c":3}}' : '{"a":{"c":3,"d":2},"b":1}',
    }));
    expect(lockVersion).toBe(1);
    expect(items).toMatchObject([
      {
        messageId,
        problem: null,
        changes: [],
        unsteady: [],
        before: { state: "success" },
        after: { state: "success" },
      },
    ]);
    await expectAudit("test.replay", of.workflowId);
    expect(await database.query("select 1 from test_runs where project_id = $1", [ctx.project.id])).toEqual(
      [],
    );
  });

  test("tells by job how it ended, what it handed on, and which requests it would have sent", async () => {
    const [item] = (
      await replay((asked) =>
        asked.job.name === "Second" && isDraft(asked)
          ? { reason: "fail", error: { type: "JobError", message: "no" }, output: '{"data":1}' }
          : {
              output: isDraft(asked) ? '{"data":{"n":2}}' : '{"data":{"n":1}}',
              requests: isDraft(asked) ? [request(), request({ path: "/two" })] : [request()],
            },
      )
    ).items;
    expect(item).toMatchObject({
      before: { state: "success" },
      after: { state: "failed", errorType: "JobError" },
    });
    const said = item?.changes.map(({ jobName, what, before, after }) => [jobName, what, before, after]);
    expect(said).toEqual([
      ["First", "output", null, null],
      ["First", "requests", "1 request", "2 requests"],
      ["Second", "end", "success", "fail: JobError"],
      ["Second", "output", null, null],
      ["Second", "requests", "1 request", "0 requests"],
    ]);
    const lines = item?.changes[0]?.difference?.hunks
      .flat()
      .map(({ kind, text }) => `${kind} ${text.trim()}`);
    expect(lines).toContain('removed "n": 1');
    expect(lines).toContain('added "n": 2');
  });

  test("says of what is another at every run of the saved version that it is, and tells the rest", async () => {
    let n = 0;
    const [item] = (
      await replay((asked) => ({
        output: `{"at":${++n},"same":1${isDraft(asked) ? ',"new":true' : ""}}`,
        requests: [request({ body: `{"id":"${n}"}` })],
      }))
    ).items;
    expect(item?.changes.map(({ jobName, what }) => `${jobName} ${what}`)).toEqual([
      "First output",
      "Second output",
    ]);
    const text = JSON.stringify(
      item?.changes[0]?.difference?.hunks.flat().filter(({ kind }) => kind !== "kept"),
    );
    expect(text).toContain("new");
    expect(text).not.toContain('"at\\"');
    expect(new Set(item?.unsteady.map(({ jobName, what }) => `${jobName} ${what}`))).toEqual(
      new Set(["First output", "First requests", "Second output", "Second requests"]),
    );
  });

  test("is bounded, by its messages, its time, and one a person", async () => {
    const ids = Array.from({ length: limits.replayBatch + 1 }, () => randomUUID());
    await expect(replay(() => ({}), { ids })).rejects.toThrow(/too_big/);
    const late = await replay(() => ({}), { budgetMs: -1 });
    expect(late.items).toMatchObject([{ messageId, before: null }]);
    expect(late.items[0]?.problem).toContain("no time left");
    const both = await Promise.allSettled([replay(() => ({})), replay(() => ({}))]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const unknown = await replay(() => ({}), { ids: [randomUUID()] });
    expect(unknown.items[0]?.problem).toContain("not there");
  });

  test("of a draft that was saved since, or a trigger that there is not, is refused; one that is new has nothing to compare with", async () => {
    const asked = { workflowId: of.workflowId, messageIds: [messageId] };
    const deps = { runner: () => new ScriptedRunner(), memoryMb: 64, ...resolvesAll };
    await expectRefusal(replayDraft(ctx, { ...asked, revision: 2 }, deps), "conflict");
    await expectRefusal(
      replayDraft(ctx, { ...asked, revision: 1, triggerId: randomUUID() }, deps),
      "not_found",
    );
    const id = randomUUID();
    const [first] = of.graph.triggers;
    if (first)
      await saveDraft(ctx, {
        ...{ workflowId: of.workflowId, revision: 1, baseVersion: 1 },
        graph: { ...of.graph, triggers: [...of.graph.triggers, { ...first, id }] },
      });
    const { items } = await replayDraft(ctx, { ...asked, revision: 2, triggerId: id }, deps);
    expect(items[0]?.problem).toContain("does not have this trigger");
  });

  test("shows nobody more than their role may see", async () => {
    await setProtection(ctx, { ...unprotected, masks: ["$.patient.name"], maskedRoles: ["editor"] });
    const editor = await addTestMember(ctx.project, "editor");
    const theirs = contextFor(editor, ctx.project, "editor");
    of = await testDraft(theirs, (graph) => ({
      ...graph,
      jobs: graph.jobs.map((job) => ({ ...job, body: "// draft" })),
    }));
    ({ messageId } = await createMessage(ctx, {
      body: '{"form":"visit","patient":{"name":"Amina Diallo"}}',
    }));
    const found = await replay(
      (asked) => ({
        output: `{"data":{"patient":{"name":"Binta Sow"},"says":"Amina Diallo and Binta Sow ${isDraft(asked)}"}}`,
        requests: [request({ body: `Binta Sow ${isDraft(asked)}` })],
      }),
      { as: theirs },
    );
    expect(found.items[0]?.changes).not.toEqual([]);
    for (const name of ["Amina Diallo", "Binta Sow"]) expect(JSON.stringify(found)).not.toContain(name);
  });
});

test("the last messages that a workflow took are listed once each, newest first, and no more than may be replayed", async () => {
  const others: string[] = [];
  for (let n = 0; n < 3; n++) others.push((await createMessage(ctx, { body: `{"n":${n}}` })).messageId);
  for (const id of [others[0], others[1], others[2]])
    await startRun(ctx, { workflowId: of.workflowId, jobId: of.ids.first, messageId: id ?? "" });
  const list = (limit?: number) =>
    listReplayMessages(ctx, { workflowId: of.workflowId, ...(limit ? { limit } : {}) });
  expect((await list()).items.map(({ id }) => id)).toEqual(others.toReversed());
  expect((await list(1)).items.map(({ id }) => id)).toEqual([others[2]]);
  await database.query("update messages set wiped_at = now() where id = $1", [others[2]]);
  expect((await list()).items.map(({ id }) => id)).toEqual([others[1], others[0]]);
  await expect(list(limits.replayMessages + 1)).rejects.toThrow();
});
