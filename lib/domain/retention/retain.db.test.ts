import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Db } from "@/db/client";
import { startBulk } from "@/lib/domain/bulk/start";
import { keepInput } from "@/lib/domain/dataclip/keep";
import { collect, fail } from "@/lib/domain/issue/testing";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { startRun } from "@/lib/domain/run/start";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { executeRun } from "@/lib/execution/execute-run";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { Persistence } from "@/lib/words";
import type { Retention } from "@/lib/workflow/types";
import { carryOutRetention } from "./retain";
import { keepAll, updateRetention } from "./settings";

let database: Database;
let clinic: Clinic;
// What is over for sure ends where a transaction of the same database began that is still open, whoever has it.
beforeAll(async () => {
  database = await ownTestDatabase();
});
beforeEach(async () => {
  clinic = await createClinic();
});

const dayMs = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * dayMs + 3_600_000);

/** What the project keeps, and that its hour is over. */
const keep = (retention: Partial<Retention>, persistence: Persistence = "retain_all") =>
  updateRetention(clinic.ctx, { retention: { ...keepAll, ...retention }, persistence });

/** Retention as it would be in so many days. */
const retain = (days: number, host: Parameters<typeof carryOutRetention>[0] = database, budgetMs = 20_000) =>
  carryOutRetention(host, budgetMs, { now: inDays(days), only: clinic.project.id });

const failing = () => ({ reason: "fail", output: "{}", error: { type: "JobError", message: "No" } }) as const;
const visit = { form: "visit", who: "Amina" };

async function succeeded(): Promise<string> {
  const id = await clinic.receive(visit);
  await clinic.execute(id, () => ({ output: JSON.stringify({ data: "done" }) }));
  return id;
}

/** Its Referral failed, and nothing handled that. */
async function failed(): Promise<string> {
  const id = await clinic.receive(visit);
  await clinic.execute(id, ({ job }) =>
    job.id === clinic.jobs.referral ? failing() : { output: '{"data":"done"}' },
  );
  return id;
}

const isWiped = async (id: string): Promise<boolean> => {
  const [row] = await database.query<{ wiped: boolean }>(
    "select wiped_at is not null and octet_length(body) = 0 as wiped from messages where id = $1",
    [id],
  );
  if (!row) throw new Error("The message is gone.");
  return row.wiped;
};

const isThere = async (table: string, id: string): Promise<boolean> =>
  (await database.query(`select 1 from ${table} where id = $1`, [id])).length > 0;

/** How many outputs of a message's steps are there, and how many are wiped. */
async function outputsOf(messageId: string): Promise<{ kept: number; wiped: number }> {
  const [row] = await database.query<{ kept: number; wiped: number }>(
    `select count(d.body)::int as kept, count(d.wiped_at)::int as wiped
     from steps s join dataclips d on d.id = s.output_dataclip_id where s.message_id = $1`,
    [messageId],
  );
  return row ?? { kept: 0, wiped: 0 };
}

const isStateThere = async (id: string): Promise<boolean> =>
  (await database.query("select 1 from dataclips where id = $1 and body is not null", [id])).length > 0;

/** Runs what waits of a work order, by hand. */
async function executeOrder(workOrderId: string, script: ConstructorParameters<typeof ScriptedRunner>[0]) {
  const runs = await database.query<{ id: string }>(
    "select id from runs where work_order_id = $1 and state = 'pending'",
    [workOrderId],
  );
  for (const { id } of runs)
    await executeRun(testExecutionHost(new ScriptedRunner(script)), id, (_, work) => work());
}

describe("messages", () => {
  test("go by the days of their status: successes after 7, failures after 90", async () => {
    await keep({ messages: { success: 7, failure: 90 } });
    const [good, bad] = [await succeeded(), await failed()];
    await retain(6);
    expect([await isWiped(good), await isWiped(bad)]).toEqual([false, false]);
    await retain(8);
    expect([await isWiped(good), await isWiped(bad)]).toEqual([true, false]);
    await retain(91);
    expect([await isWiped(good), await isWiped(bad)]).toEqual([true, true]);
  });

  test("stay for ever where nothing is said, and for an hour after something was", async () => {
    const id = await succeeded();
    await retain(3_000);
    expect(await isWiped(id)).toBe(false);
    await keep({ messages: { success: 1, failure: 1 } });
    const { projects } = await carryOutRetention(database, 20_000, { only: clinic.project.id });
    expect(projects).toBe(0);
  });

  test("that failed and were repaired go as successes do", async () => {
    await keep({ messages: { success: 7, failure: 90 } });
    const id = await failed();
    await retain(8);
    expect(await isWiped(id)).toBe(false);
    await elevenSecondsLater(id);
    await rerunMessage(clinic.ctx, { messageId: id });
    await clinic.execute(id, () => ({ output: "{}" }));
    await retain(10);
    expect(await isWiped(id)).toBe(true);
  });

  test("that are not processed yet stay, and hold up nothing that comes after them", async () => {
    await keep({ messages: { success: 7, failure: 7 } });
    const waiting = await clinic.receive(visit);
    const later = await succeeded();
    await retain(8);
    expect([await isWiped(waiting), await isWiped(later)]).toEqual([false, true]);
    await clinic.execute(waiting, () => ({ output: "{}" }));
    await retain(9);
    expect(await isWiped(waiting)).toBe(true);
  });

  test("that a bulk act has still to do stay until it is done, and what it does not ask for goes", async () => {
    await keep({ messages: { success: 7, failure: 7 } });
    const [chosen, other] = [await failed(), await failed()];
    await startBulk(clinic.ctx, { name: "All", kind: "rerun", of: { target: "messages", ids: [chosen] } });
    await retain(8);
    expect([await isWiped(chosen), await isWiped(other)]).toEqual([false, true]);
    await database.query("update bulk_acts set state = 'done' where project_id = $1", [clinic.project.id]);
    await retain(9);
    expect(await isWiped(chosen)).toBe(true);
  });

  test.each(["messages", "runs", "rejected"] as const)(
    "are in use by an act over %s that a filter finds, for a week when it is paused",
    async (target) => {
      await keep({ messages: { success: 7, failure: 7 }, dataclips: { success: 7, failure: 7 } });
      const id = await failed();
      const kind = target === "rejected" ? "release" : "rerun";
      const act = await startBulk(clinic.ctx, { name: "All", kind, of: { target, filter: {} } } as Parameters<
        typeof startBulk
      >[1]);
      await database.query("update bulk_acts set state = 'paused' where id = $1", [act.id]);
      const kept = await outputsOf(id);
      await retain(8);
      expect([await isWiped(id), await outputsOf(id)]).toEqual([false, kept]);
      await database.query("update bulk_acts set beat_at = now() - interval '8 days' where id = $1", [
        act.id,
      ]);
      await retain(9);
      expect([await isWiped(id), (await outputsOf(id)).kept]).toEqual([true, 0]);
    },
  );

  test("are looked for once, however many transactions take them", async () => {
    await keep({ messages: { success: 7, failure: 7 } });
    await database.query(
      `insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
       select $1, 'inbox', 'POST', '{}', '{}', '{}', 'text', 'x', 1, '' from generate_series(1, 1500)`,
      [clinic.project.id],
    );
    let [looks, calls] = [0, 1];
    const query: Database["query"] = (text, ...more) => {
      if (text.includes("from messages t where (t.project_id, t.id) >")) looks++;
      return database.query(text, ...more);
    };
    while (!(await retain(8, { ...database, query })).isDone) calls++;
    expect(
      await database.query("select 1 from messages where project_id = $1 and wiped_at is null", [
        clinic.project.id,
      ]),
    ).toEqual([]);
    // Two pages and the end.
    expect(looks).toBeLessThanOrEqual(3 * calls);
  });

  test("go as they should however often it is ended in between", async () => {
    await keep({ messages: { success: 7, failure: 90 }, history: 400, logs: { success: 3, failure: 3 } });
    const good = [await succeeded(), await succeeded()];
    const bad = await failed();
    const crash = new Error("killed");
    let crashes = 0;
    for (let survives = 0; ; survives++) {
      let statements = 0;
      const die = () => {
        if (statements++ >= survives) throw crash;
      };
      const db = new Proxy(database.db, {
        get: (of, name) =>
          name === "transaction"
            ? (work: (tx: Db) => Promise<unknown>) =>
                of.transaction(async (tx) => {
                  const result = await work(tx);
                  die();
                  return result;
                })
            : Reflect.get(of, name),
      });
      const host = {
        db,
        query: (...call: Parameters<typeof database.query>) => {
          die();
          return database.query(...call);
        },
      };
      const outcome = await retain(8, host as Parameters<typeof carryOutRetention>[0]).catch(
        (error) => error,
      );
      if (outcome !== crash) break;
      crashes++;
    }
    expect(crashes).toBeGreaterThan(10);
    expect(await Promise.all([...good, bad].map(isWiped))).toEqual([true, true, false]);
  });

  test("and reruns of them that begin at the same time: either the run has its input, or it is refused", async () => {
    await keep({ messages: { success: 7, failure: 7 } });
    for (let round = 0; round < 5; round++) {
      const id = await succeeded();
      await elevenSecondsLater(id);
      const [, rerun] = await Promise.allSettled([
        retain(8),
        rerunMessage(clinic.ctx, { messageId: id, workflowId: clinic.workflows.visit }),
      ]);
      expect(await isWiped(id)).toBe(rerun.status === "rejected");
      await clinic.execute(id, () => ({ output: "{}" }));
    }
  });
});

describe("what steps returned, and what was logged", () => {
  test("go by days of their own", async () => {
    await keep({ dataclips: { success: 5, failure: 30 }, logs: { success: 2, failure: 10 } });
    const [good, bad] = [await succeeded(), await failed()];
    await retain(6);
    expect((await outputsOf(good)).kept).toBe(0);
    expect((await outputsOf(bad)).wiped).toBe(0);
    await retain(11);
    const logs = await database.query(
      "select 1 from steps where message_id = $1 and error_message is not null",
      [bad],
    );
    expect(logs).toEqual([]);
    expect((await outputsOf(bad)).wiped).toBe(0);
    await retain(31);
    expect((await outputsOf(bad)).kept).toBe(0);
    expect([await isWiped(good), await isWiped(bad)]).toEqual([false, false]);
  });

  test("stay while a failed work order begins with them", async () => {
    await keep({ dataclips: { success: 5, failure: 30 } });
    const id = await succeeded();
    const [state] = await database.query<{ id: string }>(
      "select output_dataclip_id as id from steps where message_id = $1 and job_id = $2",
      [id, clinic.jobs.referral],
    );
    const dataclipId = state?.id ?? "";
    const started = await startRun(clinic.ctx, { workflowId: clinic.workflows.hook, dataclipId });
    await executeOrder(started.workOrderId, failing);
    await retain(6);
    expect([await isStateThere(dataclipId), (await outputsOf(id)).kept]).toEqual([true, 1]);
    await retain(31);
    expect(await isStateThere(dataclipId)).toBe(false);
  });

  test("inputs by hand go with the work order that they began, and saved ones stay", async () => {
    await keep({ dataclips: { success: 5, failure: 30 } });
    const start = (input: object) => startRun(clinic.ctx, { workflowId: clinic.workflows.hook, ...input });
    const good = await start({ json: { data: 1 } });
    const bad = await start({ json: { data: 2 } });
    const { id: saved } = await keepInput(clinic.ctx, { name: "Kept", json: { data: 3 } });
    await executeOrder(good.workOrderId, () => ({ output: "{}" }));
    await executeOrder(bad.workOrderId, failing);
    await retain(6);
    const there = async () =>
      Promise.all([good.dataclipId, bad.dataclipId, saved].map((id) => isStateThere(id ?? "")));
    expect(await there()).toEqual([false, true, true]);
    await retain(3_000);
    expect(await there()).toEqual([false, false, true]);
  });

  test.each(["of its cursor job", "of its last run"])(
    "the clock's next run has the state %s",
    async (whose) => {
      await keep({ dataclips: { success: 5, failure: 5 }, history: 6 });
      const id = randomUUID();
      const [triggerId, jobId] = [randomUUID(), randomUUID()];
      const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };
      const cursor = whose === "of its cursor job" ? { cronCursorJobId: jobId } : {};
      await saveWorkflow(
        clinic.ctx,
        {
          id,
          name: "Each night",
          triggers: [{ id: triggerId, type: "cron", cronExpression: "0 0 * * *", ...cursor }],
          jobs: [{ id: jobId, name: "Fetch", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" }],
          edges: [
            { id: randomUUID(), sourceTriggerId: triggerId, targetJobId: jobId, conditionType: "always" },
          ],
        },
        deps,
      );
      const run = async (cursorAt: number) => {
        const started = await startRun(clinic.ctx, { workflowId: id, triggerId, json: {} });
        await executeOrder(started.workOrderId, () => ({ output: JSON.stringify({ cursorAt }) }));
        const [state] = await database.query<{ id: string }>(
          "select s.output_dataclip_id as id from steps s join runs r on r.id = s.run_id where r.work_order_id = $1",
          [started.workOrderId],
        );
        return { order: started.workOrderId, state: state?.id ?? "" };
      };
      const [first, last] = [await run(1), await run(2)];
      await retain(400);
      expect([await isStateThere(first.state), await isStateThere(last.state)]).toEqual([false, true]);
      expect([await isThere("work_orders", first.order), await isThere("work_orders", last.order)]).toEqual([
        false,
        true,
      ]);
      const next = await run(3);
      await retain(410);
      expect([await isStateThere(last.state), await isStateThere(next.state)]).toEqual([false, true]);
      expect((await getWorkflow(clinic.ctx, { id })).name).toBe("Each night");
    },
  );
});

describe("history", () => {
  test("goes as a whole, with the messages of which nothing is left", async () => {
    await keep({ history: 30 });
    const [good, bad, odd] = [await succeeded(), await failed(), await clinic.receive({ form: "nothing" })];
    await retain(29);
    expect(await Promise.all([good, bad, odd].map((id) => isThere("messages", id)))).toEqual([
      true,
      true,
      true,
    ]);
    await retain(31);
    expect(await Promise.all([good, bad, odd].map((id) => isThere("messages", id)))).toEqual([
      false,
      false,
      false,
    ]);
    for (const table of ["work_orders", "runs", "steps", "dataclips", "job_states", "retention_left"])
      expect(
        await database.query(`select 1 from ${table} where project_id = $1`, [clinic.project.id]),
      ).toEqual([]);
  });

  test("is counted from when something was done last", async () => {
    await keep({ history: 30 });
    const id = await succeeded();
    await database.query(
      "update work_orders set last_activity = now() + interval '20 days' where message_id = $1",
      [id],
    );
    await retain(40);
    expect(await isThere("messages", id)).toBe(true);
    await retain(52);
    expect(await isThere("messages", id)).toBe(false);
  });
});

test("other projects keep what they have", async () => {
  const other = await createClinic();
  const id = await other.receive(visit);
  await other.execute(id, () => ({ output: "{}" }));
  await keep({ messages: { success: 1, failure: 1 }, history: 2 });
  await retain(100);
  expect(await isWiped(id)).toBe(false);
});

describe("issues", () => {
  const issue = async () =>
    (
      await database.query<{ title: string; errorType: string }>(
        `select title, error_type as "errorType" from issues where project_id = $1`,
        [clinic.project.id],
      )
    )[0];

  test("lose what errors said with the logs, say it anew, and go with the history", async () => {
    await keep({ logs: { success: 7, failure: 7 }, history: 30 });
    await fail(clinic, "no patient called Amina");
    await collect();
    expect((await issue())?.title).toContain("Amina");
    await retain(6);
    expect((await issue())?.title).toContain("Amina");
    await retain(8);
    expect(await issue()).toEqual({ title: "JobError", errorType: "JobError" });
    await fail(clinic, "no patient called Amina");
    await collect();
    expect((await issue())?.title).toContain("Amina");
    await retain(31);
    await retain(31);
    expect(await issue()).toBeUndefined();
    expect(
      await database.query("select 1 from issue_days where project_id = $1", [clinic.project.id]),
    ).toEqual([]);
  });
});
