import { beforeEach, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { Finder } from "@/lib/domain/person/finder";
import { testsPlace } from "@/lib/domain/person/places/tests";
import { wipers } from "@/lib/domain/person/wipers";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestProject, createTestUser, expectRefusal } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { testDueSchedules } from "./clock";
import { executeTest } from "./execute";
import { getTest } from "./get";
import { getDraftTest, setDraftTest } from "./settings";
import { startTest } from "./start";
import { resolvesAll, testDraft, testHostOf } from "./testing";

const database = testDatabase();
const minuteMs = 60_000;
let ctx: Context;
let of: Awaited<ReturnType<typeof testDraft>>;

beforeEach(async () => {
  const owner = await createTestUser();
  ctx = contextFor(owner, await createTestProject({ owner }));
  of = await testDraft(ctx);
});

const made = () =>
  database.query<{ source: string; trigger: string; input: string }>(
    "select source, start_trigger_id as trigger, input_of as input from test_runs where draft_id = $1 order by id",
    [of.draftId],
  );

test("a draft's clock is followed for a day, once for each time, and nothing live moves", async () => {
  const host = testHostOf(new ScriptedRunner());
  const live = () =>
    database.query("select id, next_run_at, last_tick_at from triggers where project_id = $1 order by id", [
      ctx.project.id,
    ]);
  const before = await live();
  await testDueSchedules(host, new Date(Date.now() + 61 * minuteMs));
  expect(await made()).toEqual([]);
  const set = await setDraftTest(ctx, { workflowId: of.workflowId, followsSchedule: true });
  expect(new Date(set.nextAt ?? 0).getMinutes()).toBe(0);
  // The hour turns once within the next 61 minutes at least; two engines see it at once.
  const later = new Date(Date.now() + 61 * minuteMs);
  await Promise.all([testDueSchedules(host, later), testDueSchedules(host, later)]);
  await testDueSchedules(host, later);
  expect(await made()).toEqual([{ source: "clock", trigger: of.ids.cron, input: "clock" }]);
  expect(await live()).toEqual(before);
  await testDueSchedules(host, new Date(Date.now() + 26 * 60 * minuteMs));
  expect(await made()).toHaveLength(1);
  await setDraftTest(ctx, { workflowId: of.workflowId, followsSchedule: false });
  expect(await getDraftTest(ctx, { workflowId: of.workflowId })).toMatchObject({
    scheduleUntil: null,
    nextAt: null,
  });
});

test("a draft without a clock has none to follow", async () => {
  of = await testDraft(ctx, (graph) => ({
    ...graph,
    triggers: graph.triggers.filter(({ type }) => type !== "cron"),
  }));
  await expectRefusal(setDraftTest(ctx, { workflowId: of.workflowId, followsSchedule: true }), "invalid");
});

test("a person's data is found in tests, and wiped with them", async () => {
  const asked = {
    workflowId: of.workflowId,
    revision: 1,
    mode: "record" as const,
    start: { jobId: of.ids.second },
  };
  const { id } = await startTest(
    ctx,
    { ...asked, input: { json: { data: { name: "Amina Diallo" } } } },
    resolvesAll,
  );
  const other = await startTest(ctx, asked, resolvesAll);
  const projectId = ctx.project.id;
  for (const testId of [id, other.id])
    await executeTest(testHostOf(new ScriptedRunner()), { testId, projectId });
  const finder = await Finder.of(
    [{ text: "Amina Diallo", isPart: false }],
    async (text) => `redacted:${text}`,
  );
  const scan = {
    db: database.db,
    projectId,
    requestId: id,
    finder,
    until: "ffffffff-ffff-ffff-ffff-ffffffffffff",
    cursor: null,
    withMade: true,
  };
  const { items } = await testsPlace.page(scan);
  expect(items.map(({ kind, itemId, via }) => [kind, itemId, via])).toEqual([["test", id, "found"]]);
  expect(
    await database.db.transaction((tx) => wipers.test(tx, { projectId, requestId: id, finder, ids: [id] })),
  ).toEqual([id]);
  await expectRefusal(getTest(ctx, { workflowId: of.workflowId, testId: id }), "not_found");
  expect((await testsPlace.page(scan)).items).toEqual([]);
});
