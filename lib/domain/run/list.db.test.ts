import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestProject, createTestUser, expectRefusal } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { type RunState, runStates } from "@/lib/words";
import { getRun } from "./get";
import { listRuns, type RunFilter } from "./list";

const database = testDatabase();
const minute = 60_000;
const begin = Date.UTC(2026, 0, 10);
type Input = Parameters<typeof listRuns>[1];

const idAt = (at: number) =>
  `${at
    .toString(16)
    .padStart(12, "0")
    .replace(/(.{8})(.{4})/, "$1-$2")}-7${randomUUID().slice(15)}`;

async function pagesOf(ctx: Context, input: Input): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page = await listRuns(ctx, { ...input, ...(cursor ? { cursor } : {}) });
    pages.push(page.items.map((run) => run.id));
    cursor = page.nextCursor;
    if (pages.length > 200) throw new Error("The list never ends.");
  } while (cursor);
  return pages;
}

type Stored = { id: string; at: number; state: RunState; workflow: string };

async function store(project: string, run: Omit<Stored, "id">): Promise<Stored> {
  const id = idAt(run.at);
  await database.query(
    `with o as (insert into work_orders (project_id, workflow_id, snapshot_id, state) values ($1, $2, $2, $3) returning id)
     insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id, state) select $4, $1, $2, id, $2, $3 from o`,
    [project, run.workflow, run.state, id],
  );
  return { ...run, id };
}

describe("every filter", () => {
  const workflows = { often: randomUUID(), seldom: randomUUID(), gone: randomUUID() };
  let ctx: Context;
  let all: Stored[];

  /** A stranger's runs are of the same moments and, as no project could make them, of the same workflow ids. */
  beforeAll(async () => {
    const [owner, stranger] = [await createTestUser(), await createTestUser()];
    const project = await createTestProject({ owner });
    const other = await createTestProject({ owner: stranger });
    ctx = contextFor(owner, project);
    for (const id of [workflows.often, workflows.seldom])
      await database.query("insert into workflows (id, project_id, name) values ($1, $2, $3)", [
        id,
        project.id,
        id.slice(0, 8),
      ]);
    all = [];
    for (let i = 0; i < 45; i++) {
      const run = {
        at: begin + Math.floor(i / 2) * minute,
        state: runStates[i % 4 === 0 ? i % runStates.length : 2] ?? "success",
        workflow: i % 9 === 0 ? workflows.seldom : workflows.often,
      };
      all.push(await store(project.id, run));
      if (i % 3 === 0) await store(other.id, run);
    }
    all.sort((a, b) => (a.id < b.id ? 1 : -1));
  });

  const expected = ({ state, workflow, from, to }: RunFilter) =>
    all
      .filter((run) => !state || run.state === state)
      .filter((run) => !workflow || run.workflow === workflow)
      .filter((run) => !from || run.at >= Date.parse(from))
      .filter((run) => !to || run.at < Date.parse(to))
      .map((run) => run.id);

  const at = (minutes: number) => new Date(begin + minutes * minute).toISOString();
  const ranges: [string, Pick<RunFilter, "from" | "to">][] = [
    ["always", {}],
    ["from a moment", { from: at(8) }],
    ["to a moment", { to: at(8) }],
    ["a range", { from: at(5), to: at(15) }],
    ["an empty range", { from: at(15), to: at(5) }],
  ];
  const asked = ranges.flatMap(([when, range]) =>
    [undefined, ...runStates].flatMap((state) =>
      [undefined, "often", "seldom", "gone"].map((workflow) => ({ when, range, state, workflow })),
    ),
  );

  test.each(asked.map((a) => [`${a.state ?? "any"} · ${a.workflow ?? "any workflow"} · ${a.when}`, a]))(
    "%s",
    async (_, { range, state, workflow }) => {
      const filter: RunFilter = {
        ...range,
        ...(state ? { state } : {}),
        ...(workflow ? { workflow: workflows[workflow as keyof typeof workflows] } : {}),
      };
      const pages = await pagesOf(ctx, { ...filter, limit: 7 });
      expect(pages.flat()).toEqual(expected(filter));
      expect(pages.slice(0, -1).every((page) => page.length === 7)).toBe(true);
    },
  );

  test.each([1, 44, 45, 46, 100])("in pages of %i", async (limit) => {
    const pages = await pagesOf(ctx, { limit });
    expect(pages.flat()).toEqual(all.map((run) => run.id));
    expect(pages).toHaveLength(Math.ceil(45 / limit));
  });

  test("each row once and none left out, while new ones arrive", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listRuns(ctx, { limit: 10, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map((run) => run.id));
      cursor = page.nextCursor;
      await store(ctx.project.id, { at: Date.now(), state: "pending", workflow: workflows.often });
    } while (cursor);
    expect(seen).toEqual(all.map((run) => run.id));
  });

  test("pages of 0 and of 101 are refused", async () => {
    for (const limit of [0, 101]) await expect(listRuns(ctx, { limit })).rejects.toThrow();
  });
});

describe("what a row says", () => {
  let clinic: Clinic;
  beforeEach(async () => {
    clinic = await createClinic();
  });

  test("which workflow, which message, how it ended, its steps in order", async () => {
    const messageId = await clinic.receive({ form: "visit" });
    await clinic.execute(messageId, ({ job }) => (job.name === "Payment" ? failure() : {}));
    const { items } = await listRuns(clinic.ctx, {});
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      workflowId: clinic.workflows.visit,
      workflowName: "Visit",
      messageId,
      state: "success",
      priority: "normal",
    });
    expect(items[0]?.steps.map((s) => [s.jobName, s.exitReason])).toEqual([
      ["Referral", "success"],
      ["Payment", "fail"],
      ["Notify", "success"],
    ]);
    expect(Object.keys(items[0]?.steps[0] ?? {}).sort()).toEqual([
      "exitReason",
      "handled",
      "id",
      "jobId",
      "jobName",
    ]);
    expect(items[0]?.startedAt).toMatch(/Z$/);
  });

  test("one that waits has no steps yet; a deleted workflow's is still listed", async () => {
    await clinic.receive({ form: "visit" });
    await database.query("update workflows set deleted_at = now() where id = $1", [clinic.workflows.visit]);
    const { items } = await listRuns(clinic.ctx, { workflow: clinic.workflows.visit });
    expect(items.map((run) => [run.state, run.workflowName, run.startedAt, run.steps])).toEqual([
      ["pending", "Visit", null, []],
    ]);
  });

  test("a run's page says which version ran, and who started it", async () => {
    const messageId = await clinic.receive({ form: "visit" });
    await clinic.execute(messageId);
    const id = (await listRuns(clinic.ctx, {})).items[0]?.id ?? "";
    const run = await getRun(clinic.ctx, id);
    expect(run).toMatchObject({
      id,
      attempt: 1,
      startingTriggerId: clinic.triggers.visit,
      startingJobId: null,
      createdBy: null,
      cancelRequestedAt: null,
      snapshot: { isLatest: true },
    });
    expect(run.detailedSteps.map((s) => [s.jobName, s.hasOutput])).toEqual([
      ["Referral", true],
      ["Payment", true],
    ]);
    await database.query("update workflows set snapshot_id = null where id = $1", [clinic.workflows.visit]);
    expect((await getRun(clinic.ctx, id)).snapshot.isLatest).toBe(false);
  });

  test("a stranger finds none of it", async () => {
    await clinic.receive({ form: "visit" });
    const id = (await listRuns(clinic.ctx, {})).items[0]?.id ?? "";
    const stranger = await createClinic();
    expect((await listRuns(stranger.ctx, {})).items).toEqual([]);
    expect((await listRuns(stranger.ctx, { workflow: clinic.workflows.visit })).items).toEqual([]);
    await expectRefusal(getRun(stranger.ctx, id), "not_found");
  });

  test("a viewer reads it", async () => {
    await clinic.receive({ form: "visit" });
    expect((await listRuns(clinic.as("viewer"), {})).items).toHaveLength(1);
  });
});
