import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createMessage } from "@/lib/domain/message/create";
import { getMessage } from "@/lib/domain/message/get";
import { listMessages } from "@/lib/domain/message/list";
import { readMessageAs } from "@/lib/domain/message/read-as";
import { resendMessage } from "@/lib/domain/message/resend";
import { listRuns } from "@/lib/domain/run/list";
import { releaseWorkOrder } from "@/lib/domain/run/release";
import { rerunMessage, rerunRun } from "@/lib/domain/run/rerun";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { accept, type InboxHost } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { queueWork } from "./queue";

const database = testDatabase();
let host: InboxHost;
let clinic: Clinic;
let ctx: Context;

beforeAll(async () => {
  host = { query: database.query, ...(await inboxKeys("x".repeat(40))), maxBodyBytes: 1_000_000 };
});

beforeEach(async () => {
  clinic = await createClinic();
  ctx = clinic.ctx;
});

type Plan = { month?: number | null; minute?: number | null; kind?: "soft" | "hard" };
const plan = ({ month = null, minute = null, kind = "soft" }: Plan) =>
  database.query(
    "update projects set runs_per_month = $2, runs_per_minute = $3, limit_kind = $4 where id = $1",
    [ctx.project.id, month, minute, kind],
  );

async function send(to: string, { body = { form: "visit" } as unknown, headers = {}, method = "POST" } = {}) {
  const answer = await accept(
    {
      method,
      segments: [to],
      search: "",
      headers: { "content-type": "application/json", ...headers },
      body: method === "POST" ? new Response(JSON.stringify(body)).body : null,
    },
    host,
  );
  const isJson = answer.headers["content-type"]?.includes("json");
  return { ...answer, json: isJson ? JSON.parse(answer.body) : null };
}

/** To the trigger's URL of the workflow "Hook": one run each. */
const hook = (options = {}) => send(clinic.triggers.hook, options);

async function counts() {
  const [row] = await database.query<{
    messages: number;
    orders: number;
    rejected: number;
    runs: number;
    outbox: number;
  }>(
    `select (select count(*)::int from messages where project_id = $1) as messages,
       (select count(*)::int from work_orders where project_id = $1) as orders,
       (select count(*)::int from work_orders where project_id = $1 and state = 'rejected') as rejected,
       (select count(*)::int from runs where project_id = $1) as runs,
       (select count(*)::int from outbox where project_id = $1) as outbox`,
    [ctx.project.id],
  );
  return row;
}

/** More workflows that take every message sent to the project's URL. */
async function workflows(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const [workflow, snapshot] = [randomUUID(), randomUUID()];
    const graph = { name: workflow, concurrency: null, triggers: [], jobs: [], edges: [], positions: null };
    await database.query("insert into workflows (id, project_id, name) values ($1, $2, $3)", [
      workflow,
      ctx.project.id,
      workflow,
    ]);
    await database.query(
      "insert into snapshots (id, project_id, workflow_id, lock_version, graph) values ($1, $2, $3, 1, $4)",
      [snapshot, ctx.project.id, workflow, JSON.stringify(graph)],
    );
    await database.query("update workflows set snapshot_id = $2 where id = $1 and project_id = $3", [
      workflow,
      snapshot,
      ctx.project.id,
    ]);
    await database.query(
      "insert into triggers (id, project_id, workflow_id, type) values ($1, $2, $3, 'message_filter')",
      [randomUUID(), ctx.project.id, workflow],
    );
  }
}

describe("a soft limit of runs a month", () => {
  test("answers 200 with too_many_runs, keeps the message, and makes a rejected work order and no run (platform §2.1)", async () => {
    await plan({ month: 1 });
    const first = await hook();
    expect([first.status, first.json]).toEqual([200, { work_order_id: expect.any(String) }]);
    const over = await hook();
    expect([over.status, over.json]).toEqual([
      200,
      { work_order_id: expect.any(String), error: "too_many_runs" },
    ]);
    expect(over.headers).not.toHaveProperty("x-meta-run-id");
    expect(over.headers).toMatchObject({ "x-meta-work-order-id": over.json.work_order_id });
    expect(over.accepted).toMatchObject({ runs: 0 });
    expect(await counts()).toEqual({ messages: 2, orders: 2, rejected: 1, runs: 1, outbox: 1 });
  });

  test("lets a message's first workflows run and rejects the rest, and says so at the project's URL", async () => {
    await workflows(4);
    await plan({ month: 2 });
    const { status, json } = await send(clinic.project.inboxId, { body: { form: "none" } });
    expect([status, json]).toEqual([
      202,
      { message_id: expect.any(String), work_order_ids: expect.any(Array), error: "too_many_runs" },
    ]);
    expect(json.work_order_ids).toHaveLength(4);
    expect(await counts()).toMatchObject({ orders: 4, rejected: 2, runs: 2, outbox: 2 });
  });

  test("is of the calendar's month in UTC", async () => {
    await plan({ month: 1 });
    await hook();
    await database.query(
      `update runs set id = (overlay(id_at(date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - interval '1 ms')::text placing right(id::text, 12) from 25))::uuid
       where project_id = $1`,
      [ctx.project.id],
    );
    expect((await hook()).json).not.toHaveProperty("error");
    expect((await hook()).json).toHaveProperty("error");
  });

  test("says the first answer to a repeat, also when it is released meanwhile", async () => {
    await plan({ month: 0 });
    const headers = { "idempotency-key": randomUUID() };
    const first = await hook({ headers });
    await plan({});
    await releaseWorkOrder(ctx, { workOrderId: first.json.work_order_id });
    const again = await hook({ headers });
    expect([again.status, again.body, again.headers["x-waybill-repeat"]]).toEqual([200, first.body, "1"]);
    expect(await counts()).toMatchObject({ messages: 1, orders: 1, runs: 1 });
  });
});

describe("a hard limit of runs a month", () => {
  test("answers 429 with runs_hard_limit and stores nothing (platform §2.1)", async () => {
    await plan({ month: 1, kind: "hard" });
    await hook();
    const over = await hook();
    expect([over.status, over.json]).toEqual([
      429,
      { error: "runs_hard_limit", message: expect.stringContaining("this month") },
    ]);
    expect((await send(clinic.project.inboxId)).status).toBe(429);
    expect(await counts()).toEqual({ messages: 1, orders: 1, rejected: 0, runs: 1, outbox: 1 });
  });

  test("comes after credentials, GET, a disabled trigger and the size, which nobody learns the plan from", async () => {
    await plan({ month: 0, kind: "hard" });
    expect((await send(clinic.triggers.hook, { method: "GET" })).status).toBe(200);
    await database.query("update triggers set enabled = false where id = $1", [clinic.triggers.hook]);
    expect((await hook()).status).toBe(403);
    await database.query("update projects set max_body_bytes = 1 where id = $1", [ctx.project.id]);
    expect((await send(clinic.project.inboxId)).status).toBe(413);
    await database.query(
      "insert into auth_methods (id, project_id, name, type, secret, digest, on_inbox) values ($1, $2, 'k', 'api', '', 'd', true)",
      [randomUUID(), ctx.project.id],
    );
    expect((await send(clinic.project.inboxId)).status).toBe(401);
  });

  test("gives a repeat of what came before the first answer", async () => {
    await plan({ month: 1, kind: "hard" });
    const headers = { "idempotency-key": randomUUID() };
    const first = await hook({ headers });
    const again = await hook({ headers });
    expect([again.status, again.body, again.headers["x-waybill-repeat"]]).toEqual([200, first.body, "1"]);
    expect((await hook({ headers: { "idempotency-key": randomUUID() } })).status).toBe(429);
  });

  test("keeps what a message at the limit starts beyond it, rejected", async () => {
    await workflows(3);
    await plan({ month: 2, kind: "hard" });
    const { status, json } = await send(clinic.project.inboxId, { body: {} });
    expect([status, json.error]).toEqual([202, "too_many_runs"]);
    expect(await counts()).toMatchObject({ orders: 3, rejected: 1, runs: 2 });
    expect((await send(clinic.project.inboxId, { body: {} })).status).toBe(429);
  });
});

describe("a limit of runs a minute", () => {
  test("answers 429 with too_many_requests and when to come again, soft or hard (platform §2.1)", async () => {
    for (const kind of ["soft", "hard"] as const) {
      clinic = await createClinic();
      ctx = clinic.ctx;
      await plan({ minute: 2, kind });
      expect([(await hook()).status, (await hook()).status]).toEqual([200, 200]);
      const over = await hook();
      expect([over.status, over.json]).toEqual([
        429,
        { error: "too_many_requests", message: "Too many runs in the last minute" },
      ]);
      const seconds = Number(over.headers["retry-after"]);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(await counts()).toMatchObject({ messages: 2, runs: 2, rejected: 0 });
    }
  });

  test("takes the next as soon as the first is a minute old", async () => {
    await plan({ minute: 1 });
    await hook();
    expect((await hook()).status).toBe(429);
    await database.query(
      "update runs set id = (overlay(id_at(now() - interval '61 s')::text placing right(id::text, 12) from 25))::uuid where project_id = $1",
      [ctx.project.id],
    );
    expect((await hook()).status).toBe(200);
  });

  test("is passed by no more than one message's workflows", async () => {
    await workflows(3);
    await plan({ minute: 1 });
    expect((await send(clinic.project.inboxId, { body: {} })).status).toBe(202);
    expect((await send(clinic.project.inboxId, { body: {} })).status).toBe(429);
    expect(await counts()).toMatchObject({ runs: 3, rejected: 0 });
  });
});

describe("senders at the same instant", () => {
  test.each(["soft", "hard"] as const)("never start more runs than a %s limit has left", async (kind) => {
    await plan({ month: 25, kind });
    const answers = await Promise.all(Array.from({ length: 60 }, () => hook()));
    const { runs, rejected, messages } = (await counts()) ?? {};
    expect(runs).toBe(25);
    expect(answers.filter(({ status, json }) => status === 200 && !json.error)).toHaveLength(25);
    expect([rejected, messages]).toEqual(kind === "soft" ? [35, 60] : [0, 25]);
  });

  test("never start more than a minute has", async () => {
    await plan({ minute: 10 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => hook()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(await counts()).toMatchObject({ runs: 10 });
  });

  test("wait for no transaction that stands still: a message is stored all the same", async () => {
    await plan({ month: 5 });
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    let begun = () => {};
    const begins = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const frozen = database.transaction(async (sql) => {
      await sql.query("select plan_room($1, 5, null)", [ctx.project.id]);
      begun();
      await held;
    });
    await begins;
    expect((await hook()).status).toBe(200);
    end();
    await frozen;
  });

  test("of a project far from its limit take no lock, nor do those of a project without one", async () => {
    for (const month of [1_000_000, null]) {
      await plan({ month });
      await database.transaction(async (sql) => {
        await accept(
          {
            method: "POST",
            segments: [clinic.triggers.hook],
            search: "",
            headers: {},
            body: new Response("{}").body,
          },
          { ...host, query: sql.query },
        );
        const locks = await sql.query(
          "select 1 from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'",
        );
        expect(locks).toEqual([]);
      });
    }
  });
});

describe("the limit counts", () => {
  test("what has been counted already and what came since, and nothing twice", async () => {
    await plan({ month: 5 });
    for (let n = 0; n < 3; n++) await hook();
    const used = async () =>
      (await database.query<{ used: number }>("select plan_used($1, 100) as used", [ctx.project.id]))[0]
        ?.used;
    expect(await used()).toBe(3);
    await database.query(
      "insert into usage_days (project_id, day, runs) values ($1, (now() at time zone 'UTC')::date, 1)",
      [ctx.project.id],
    );
    expect(await used()).toBe(4);
  });

  test("not those of another project", async () => {
    await plan({ month: 1 });
    const other = await createClinic();
    await send(other.triggers.hook);
    await send(other.triggers.hook);
    expect((await hook()).json).not.toHaveProperty("error");
  });
});

describe("whoever else starts a run", () => {
  test("is refused with the reason: a rerun, a resend, a message read in another way (platform §3.7)", async () => {
    const messageId = await clinic.receive({ form: "visit" });
    await clinic.execute(messageId);
    await database.query("update steps set started_at = started_at - interval '11 s' where project_id = $1", [
      ctx.project.id,
    ]);
    const [run] = (await listRuns(ctx, {})).items;
    const before = await counts();
    for (const [limits, words] of [
      [{ month: 1 }, /no run left this month/],
      [{ month: 1, kind: "hard" }, /no run left this month/],
      [{ minute: 1 }, /no run left in this minute. Try again in \d+ s/],
    ] as const) {
      await plan(limits);
      const asks = [
        () => rerunMessage(ctx, { messageId }),
        () => rerunMessage(ctx, { messageId, jobId: clinic.jobs.referral }),
        () => rerunRun(ctx, { runId: run?.id ?? "" }),
        () => resendMessage(ctx, { messageId, body: '{"form":"visit"}' }),
        () => readMessageAs(ctx, { messageId, format: "json" }),
        () => createMessage(ctx, { body: '{"form":"visit"}', contentType: "application/json" }),
      ];
      for (const ask of asks) {
        const refusal = await expectRefusal(ask(), "limit");
        expect(refusal.message).toMatch(words);
        expect(refusal.retryAfterSeconds === undefined).toBe("month" in limits);
      }
    }
    expect(await counts()).toEqual(before);
  });

  test("an edited copy that nothing asks for uses none of the plan", async () => {
    const messageId = await clinic.receive({ form: "visit" });
    await plan({ month: 0 });
    await expect(resendMessage(ctx, { messageId, body: '{"form":"other"}' })).resolves.toMatchObject({
      runIds: [],
    });
  });

  test("the clock's turn passes without a work order, and is counted (platform §3.8)", async () => {
    const [{ id: snapshotId } = { id: "" }] = await database.query<{ id: string }>(
      "select snapshot_id as id from workflows where id = $1",
      [clinic.workflows.hook],
    );
    const due = {
      projectId: ctx.project.id,
      workflowId: clinic.workflows.hook,
      snapshotId,
      triggerId: clinic.triggers.hook,
      dataclipId: randomUUID(),
    };
    const free = await createClinic();
    await plan({ month: 1 });
    const queued = await queueWork(database, [due, due, { ...due, projectId: free.project.id }]);
    expect(queued.map(({ projectId }) => projectId).sort()).toEqual([due.projectId, free.project.id].sort());
    await queueWork(database, [due]);
    expect(await counts()).toMatchObject({ orders: 1, runs: 1, rejected: 0 });
    expect(
      await database.query("select skipped from usage_days where project_id = $1", [ctx.project.id]),
    ).toEqual([{ skipped: 2 }]);
  });
});

describe("a rejected work order", () => {
  test("is shown in inbox, receipt, activity history and the workflow's counts, and found by their filters", async () => {
    await clinic.receive({ form: "visit" });
    await plan({ month: 1 });
    const { json } = await hook();
    const messageId = (await listMessages(ctx, { state: "rejected" })).items[0]?.id ?? "";
    const [row] = (await listMessages(ctx, {})).items;
    expect(row).toMatchObject({
      id: messageId,
      unmatched: false,
      waiting: [{ workflowId: clinic.workflows.hook, state: "rejected" }],
    });
    expect((await listMessages(ctx, { state: "unsuccessful" })).items.map(({ id }) => id)).toEqual([
      messageId,
    ]);
    expect((await getMessage(ctx, messageId)).workOrders).toMatchObject([
      { id: json.work_order_id, state: "rejected", rejectedFor: "month", runs: [] },
    ]);
    const listed = {
      id: json.work_order_id,
      workOrderId: json.work_order_id,
      state: "rejected",
      messageId,
      steps: [],
    };
    expect((await listRuns(ctx, { state: "rejected" })).items).toMatchObject([listed]);
    expect((await listRuns(ctx, {})).items).toMatchObject([listed, { state: "pending" }]);
    expect((await listRuns(ctx, { workflow: clinic.workflows.hook })).items).toMatchObject([listed]);
    const first = await listRuns(ctx, { limit: 1 });
    expect((await listRuns(ctx, { limit: 1, cursor: first.nextCursor ?? "" })).items).toMatchObject([
      { state: "pending" },
    ]);
    expect((await getWorkflow(ctx, { id: clinic.workflows.hook })).recent.byState).toEqual({ rejected: 1 });
  });

  test("is released to its first run, once, by whoever may rerun, when the plan has one left", async () => {
    await plan({ month: 0 });
    const workOrderId = (await hook()).json.work_order_id;
    await expectRefusal(releaseWorkOrder(ctx, { workOrderId }), "limit");
    await expectRefusal(releaseWorkOrder(clinic.as("viewer"), { workOrderId }), "forbidden");
    await plan({ month: 1 });
    const both = await Promise.allSettled([
      releaseWorkOrder(ctx, { workOrderId }),
      releaseWorkOrder(ctx, { workOrderId }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expectRefusal(releaseWorkOrder(ctx, { workOrderId }), "conflict");
    await expectAudit("work_order.release", workOrderId);
    const [run] = (await listRuns(ctx, {})).items;
    expect(run).toMatchObject({ workOrderId, state: "pending", priority: "immediate" });
    const messageId = run?.messageId ?? "";
    await clinic.execute(messageId);
    const [order] = (await getMessage(ctx, messageId)).workOrders;
    expect(order).toMatchObject({ state: "success", rejectedFor: "month", runs: [{ attempt: 1 }] });
  });

  test("of a deleted workflow is refused with the reason", async () => {
    await plan({ month: 0 });
    const workOrderId = (await hook()).json.work_order_id;
    await plan({});
    await database.query("update workflows set deleted_at = now() where id = $1", [clinic.workflows.hook]);
    const refusal = await expectRefusal(releaseWorkOrder(ctx, { workOrderId }), "conflict");
    expect(refusal.message).toContain("deleted");
  });

  test("gets its first run by a rerun of its message, too (platform §3.2)", async () => {
    await plan({ month: 0 });
    await hook();
    await plan({});
    const messageId = (await listMessages(ctx, {})).items[0]?.id ?? "";
    await rerunMessage(ctx, { messageId });
    expect((await getMessage(ctx, messageId)).workOrders).toMatchObject([{ state: "pending", runs: [{}] }]);
  });
});
