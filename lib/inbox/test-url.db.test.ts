import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { listMessages } from "@/lib/domain/message/list";
import { updateProject } from "@/lib/domain/project/update";
import { executeTest } from "@/lib/domain/test-run/execute";
import { getTest } from "@/lib/domain/test-run/get";
import { setDraftTest } from "@/lib/domain/test-run/settings";
import { testDraft, testHostOf } from "@/lib/domain/test-run/testing";
import { limits } from "@/lib/limits";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { accept, type InboxRequest } from "./accept";
import { inboxKeys } from "./keys";

const database = testDatabase();
let ctx: Context;
let of: Awaited<ReturnType<typeof testDraft>>;

beforeEach(async () => {
  const owner = await createTestUser();
  ctx = contextFor(owner, await createTestProject({ owner }));
  of = await testDraft(ctx);
});

/** What the door asked the database, in order. */
const asked: string[] = [];
const query = (text: string, values: unknown[], name?: string) => {
  asked.push(text);
  return database.query(text, values, name);
};

async function send(
  path: string[] = [],
  { body = '{"form":"visit"}', ...request }: { body?: string } & Partial<Omit<InboxRequest, "body">> = {},
) {
  const answer = await accept(
    {
      ...{
        method: "POST",
        segments: [of.testId, ...path],
        search: "",
        headers: { "content-type": "application/json" },
      },
      ...request,
      body: (async function* () {
        yield new TextEncoder().encode(body);
      })(),
    },
    {
      query: query as typeof database.query,
      ...(await inboxKeys("test-secret-key-test-secret-key-test-secret-key")),
      maxBodyBytes: 1e6,
    },
  );
  return {
    status: answer.status,
    said: JSON.parse(answer.body) as { test_ids?: string[]; message_id?: string; error?: string },
  };
}
const open = () => setDraftTest(ctx, { workflowId: of.workflowId, isOpen: true });
const started = async () =>
  (
    await database.query<{ id: string | null }>(
      "select start_trigger_id as id from test_runs where draft_id = $1 order by id",
      [of.draftId],
    )
  ).map(({ id }) => id);

test("a test URL is closed until it is opened, for a day, and a new one ends the old", async () => {
  expect(await send()).toMatchObject({ status: 404, said: { error: "test_closed" } });
  await open();
  expect((await send()).status).toBe(200);
  await database.query(
    "update draft_tests set open_until = now() - interval '1 second' where draft_id = $1",
    [of.draftId],
  );
  expect(await send()).toMatchObject({ status: 410, said: { error: "test_over" } });
  await open();
  await setDraftTest(ctx, { workflowId: of.workflowId, renew: true });
  expect(await send()).toMatchObject({ status: 404, said: { error: "Webhook not found" } });
  expect(await send([], { segments: [randomUUID()] })).toMatchObject({
    status: 404,
    said: { error: "Webhook not found" },
  });
});

test("a request there is a message of its own kind and a test in one commit, and starts nothing live", async () => {
  await open();
  const { status, said } = await send([], {
    headers: {
      "content-type": "application/json",
      authorization: "Bearer s3cret",
      "x-api-key": "s3cret",
      "x-visit": "1",
    },
  });
  expect({ status, said }).toMatchObject({ status: 200, said: { test: true, mode: "record" } });
  expect(await started()).toEqual([of.ids.trigger]);
  const [testId = ""] = said.test_ids ?? [];
  expect(await database.query("select 1 from outbox where data->>'testId' = $1", [testId])).toHaveLength(1);
  expect(await database.query("select 1 from work_orders where project_id = $1", [ctx.project.id])).toEqual(
    [],
  );
  const { items } = await listMessages(ctx, { state: "test" });
  expect(items).toMatchObject([{ id: said.message_id, source: "test", unmatched: false, waiting: [] }]);
  expect((await listMessages(ctx, { state: "unmatched" })).items).toEqual([]);
  await executeTest(testHostOf(new ScriptedRunner()), { testId, projectId: ctx.project.id });
  const found = await getTest(ctx, { workflowId: of.workflowId, testId });
  expect(found).toMatchObject({ state: "success", source: "url", messageId: said.message_id });
  expect(found.steps[0]?.input).toContain('"form":"visit"');
  const rows = await database.query("select headers::text as t from messages where id = $1", [
    said.message_id,
  ]);
  expect(JSON.stringify(rows)).not.toContain("s3cret");
  expect(JSON.stringify(rows)).toContain("x-visit");
});

test("starts at the filters that take it, at the trigger that the URL names, or nowhere", async () => {
  await open();
  const none = await send([], { body: '{"form":"other"}' });
  expect(none).toMatchObject({ status: 200, said: { test_ids: [] } });
  expect((await listMessages(ctx, { state: "unmatched" })).items).toEqual([]);
  await send([of.ids.webhook], { body: '{"form":"other"}' });
  expect(await started()).toEqual([of.ids.webhook]);
  expect(await send([of.ids.cron])).toMatchObject({ status: 404, said: { error: "unknown_trigger" } });
  expect((await send([], { method: "GET" })).status).toBe(200);
  expect(await started()).toHaveLength(1);
});

test("what the project redacts is redacted before anything is stored", async () => {
  await open();
  await updateProject(ctx, { redactions: [{ path: "$.data.name" }] });
  const { status, said } = await send([], { body: '{"form":"visit","name":"Amina Diallo"}' });
  expect(status).toBe(200);
  const rows = await database.query("select m::text as t from messages m where id = $1", [said.message_id]);
  const [body] = await database.query<{ text: string }>(
    "select convert_from(body, 'UTF8') as text from messages where id = $1",
    [said.message_id],
  );
  expect(JSON.stringify([rows, body])).not.toContain("Amina");
  expect(body?.text).toContain("redacted:");
});

test("takes so many a minute, and no more than may wait", async () => {
  await open();
  for (let n = 0; n < limits.testsWaiting; n++) expect((await send()).status).toBe(200);
  expect((await send()).status).toBe(429);
  await database.query("update test_runs set state = 'success', finished_at = now() where project_id = $1", [
    ctx.project.id,
  ]);
  await database.query("update arrival_counts set count = $2 where counted_id = $1", [
    of.draftId,
    limits.testsPerMinute,
  ]);
  expect((await send()).status).toBe(429);
});

test("of somebody who may not start runs any more takes nothing", async () => {
  await open();
  await database.query("delete from project_members where project_id = $1", [ctx.project.id]);
  expect(await send()).toMatchObject({ status: 404, said: { error: "Webhook not found" } });
});

test("a live message is one statement, which knows of no draft; only nobody's id is looked for among them", async () => {
  await open();
  const statements = async (segments: string[]) => {
    asked.length = 0;
    const { status } = await send([], { segments });
    return {
      status,
      statements: asked.length,
      ofDrafts: asked.map((text) => /drafts|draft_tests|test_runs/.test(text)),
    };
  };
  const [project] = await database.query<{ id: string }>(
    "select inbox_id as id from projects where id = $1",
    [ctx.project.id],
  );
  for (let n = 0; n < 2; n++)
    expect(await statements([project?.id ?? ""])).toEqual({ status: 202, statements: 1, ofDrafts: [false] });
  expect(await statements([of.testId])).toEqual({
    status: 200,
    statements: 3,
    ofDrafts: [false, true, true],
  });
  expect(await statements([randomUUID()])).toEqual({ status: 404, statements: 2, ofDrafts: [false, true] });
});
