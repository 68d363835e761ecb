import fs from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import type { MessageFilter } from "@/lib/domain/message/filter";
import { getMessage } from "@/lib/domain/message/get";
import { listMessages } from "@/lib/domain/message/list";
import type { JobState } from "@/lib/domain/message/types";
import { listProjects } from "@/lib/domain/project/list";
import { getRun } from "@/lib/domain/run/get";
import { listRuns, type RunFilter } from "@/lib/domain/run/list";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { messageFilterStates, runFilterStates } from "@/lib/words";
import { isHandled } from "@/lib/workflow/outcome";
import { ownTestDatabase } from "./database";
import { dice } from "./dice";
import { type History, playHistory } from "./outcomes/history";
import { readRows, type Truth, truthOf } from "./outcomes/reference";

let database: Database;

beforeAll(async () => {
  database = await ownTestDatabase();
});

const seeds = Array.from({ length: 30 }, (_, n) => n + 1);

const wordOf = ({ result, handled }: JobState) => (result === "failure" && handled ? "handled" : result);

async function runIds({ ctx }: History, filter: RunFilter): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listRuns(ctx, { ...filter, limit: 7, ...(cursor ? { cursor } : {}) });
    ids.push(...page.items.map((run) => run.id));
    cursor = page.nextCursor;
  } while (cursor);
  return ids;
}

async function messageIds({ ctx }: History, filter: MessageFilter): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listMessages(ctx, { ...filter, limit: 3, ...(cursor ? { cursor } : {}) });
    ids.push(...page.items.map((message) => message.id));
    cursor = page.nextCursor;
  } while (cursor);
  return ids;
}

/** The activity history and the run page. */
async function expectRuns(history: History, truth: Truth) {
  for (const state of runFilterStates)
    for (const workflow of [undefined, ...history.workflows])
      expect(
        await runIds(history, { state, ...(workflow ? { workflow } : {}) }),
        `${state} of ${workflow}`,
      ).toEqual(truth.runsIn(state, workflow));
  for (const run of truth.runs) {
    if (run.byLeaves) expect(run.state, "the leaf rule").toBe(run.byLeaves);
    const shown = await getRun(history.ctx, run.id);
    expect(shown).toMatchObject({ state: run.state, handled: isHandled(run) });
    for (const step of [...shown.steps, ...shown.detailedSteps])
      expect(step.handled, "a step").toBe(truth.handledSteps.has(step.id));
  }
}

const ofNoJob: readonly string[] = ["waiting", "unmatched", "rejected"];

/** The inbox and the receipt inspector. */
async function expectMessages(history: History, truth: Truth) {
  for (const state of [undefined, ...messageFilterStates])
    for (const job of [undefined, ...history.jobs]) {
      const filter = { ...(state ? { state } : {}), ...(job ? { job } : {}) };
      // What waits, matched nothing or may not run is no job's.
      const ofJob = state && ofNoJob.includes(state) ? undefined : job;
      expect(await messageIds(history, filter), `${state} of ${job}`).toEqual(truth.messagesIn(state, ofJob));
    }
  for (const id of truth.messages) {
    const receipt = await getMessage(history.ctx, id);
    const states = receipt.jobStates.map((state) => [state.jobId, wordOf(state), state.stepId]);
    const pairs = truth.pairs.filter((pair) => pair.messageId === id);
    expect(states.sort()).toEqual(pairs.map(({ jobId, word, stepId }) => [jobId, word, stepId]).sort());
    const orders = receipt.workOrders.map((order) => [order.id, order.state, order.handled]);
    expect(orders.sort()).toEqual(
      truth.orders
        .filter((order) => order.messageId === id)
        .map((order) => [order.id, order.state, isHandled(order)])
        .sort(),
    );
    for (const run of receipt.workOrders.flatMap((order) => order.runs)) {
      const own = truth.runs.find((one) => one.id === run.id);
      expect({ state: run.state, handled: run.handled }).toEqual({
        state: own?.state,
        handled: own && isHandled(own),
      });
    }
    expect(
      receipt.waiting.some((order) => order.state === "pending"),
      "says that it waits",
    ).toBe(truth.messagesIn("waiting").includes(id));
  }
}

/** The workflows page, a workflow's page, and the list of projects. */
async function expectCounts({ ctx, user, workflows }: History, truth: Truth) {
  const listed = (await listWorkflows(ctx)).items;
  for (const id of workflows) {
    const orders = truth.orders.filter((order) => order.workflowId === id);
    const byState: Record<string, number> = {};
    for (const { state } of orders) byState[state] = (byState[state] ?? 0) + 1;
    const counted = { total: orders.length, byState, handled: orders.filter(isHandled).length };
    expect(listed.find((row) => row.id === id)?.recent).toMatchObject(counted);
    const detail = await getWorkflow(ctx, { id });
    expect(detail.recent).toMatchObject(counted);
    for (const { last } of detail.jobs)
      if (last) expect(last.handled).toBe(truth.handledSteps.has(last.stepId));
  }
  const project = (await listProjects(user)).items.find((row) => row.id === ctx.project.id);
  expect(project).toMatchObject({
    failures: truth.pairs.filter((pair) => pair.word === "failure").length,
    handled: truth.pairs.filter((pair) => pair.word === "handled").length,
  });
}

describe("after a random history, every page counts and filters the same sets", () => {
  test.each(seeds)("history %i", async (seed) => {
    const history = await playHistory(dice(seed));
    const truth = truthOf(await readRows(database, history.ctx.project.id));
    await expectRuns(history, truth);
    await expectMessages(history, truth);
    await expectCounts(history, truth);
  });
});

test("what the migration writes of earlier rows is what the statements keep", async () => {
  for (const seed of seeds.slice(0, 8)) await playHistory(dice(1_000 + seed));
  const kept = () =>
    Promise.all([
      database.query("select id, handled from steps order by id"),
      database.query("select id, step_failed and state = 'success' as handled from work_orders order by id"),
      database.query("select id, step_failed from runs order by id"),
      database.query("select message_id, job_id, result, handled from job_states order by 1, 2"),
    ]);
  const before = await kept();
  await database.query("update steps set handled = false, follows = null");
  await database.query("update work_orders set step_failed = false");
  await database.query("update runs set step_failed = false");
  await database.query(
    `update job_states set handled = false, result = case when exit_reason is null then 'in_progress' when exit_reason = 'success' then 'success' else 'failure' end`,
  );
  const file = fs.readdirSync("db/migrations").find((name) => name.endsWith("_outcomes.sql"));
  const statements = fs
    .readFileSync(`db/migrations/${file}`, "utf8")
    .split("--> statement-breakpoint")
    .filter((statement) => /^\s*(--.*\n)*\s*UPDATE/.test(statement));
  expect(statements).toHaveLength(5);
  for (const statement of statements) await database.query(statement);
  expect(await kept()).toEqual(before);
});
