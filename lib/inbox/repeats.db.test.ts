import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { getMessage } from "@/lib/domain/message/get";
import { forgetDeliveries } from "@/lib/domain/purge/deliveries";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { accept, type InboxHost } from "./accept";
import { deliveryOf } from "./delivery";
import { inboxKeys } from "./keys";
import { isSignedWith } from "./signature";
import { acceptStatement } from "./statement";

const database = testDatabase();
let host: InboxHost;
let asked: string[] = [];

beforeAll(async () => {
  const query: InboxHost["query"] = (text, values, name) => {
    // What was refused is kept beside.
    if (name !== "inbox-keep-refused") asked.push(name ?? "answered");
    return database.query(text, values, name);
  };
  host = { query, ...(await inboxKeys(process.env.SECRET_KEY ?? "")), maxBodyBytes: 1_000_000 };
});

async function world() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const trigger = randomUUID();
  const [workflow, snapshot] = [randomUUID(), randomUUID()];
  const graph = { name: "w", concurrency: null, triggers: [], jobs: [], edges: [], positions: null };
  await database.query("insert into workflows (id, project_id, name) values ($1, $2, 'w')", [
    workflow,
    project.id,
  ]);
  await database.query(
    "insert into snapshots (id, project_id, workflow_id, lock_version, graph) values ($1, $2, $3, 1, $4)",
    [snapshot, project.id, workflow, JSON.stringify(graph)],
  );
  await database.query("update workflows set snapshot_id = $2 where id = $1 and project_id = $3", [
    workflow,
    snapshot,
    project.id,
  ]);
  await database.query(
    "insert into triggers (id, project_id, workflow_id, type) values ($1, $2, $3, 'webhook'), ($4, $2, $3, 'message_filter')",
    [trigger, project.id, workflow, randomUUID()],
  );
  return { ctx: contextFor(owner, project), project, trigger };
}

type More = { body?: string; method?: string; path?: string[]; search?: string; host?: Partial<InboxHost> };

async function send(id: string, headers: Record<string, string>, more: More = {}) {
  asked = [];
  const { body = '{"n":1}', method = "POST", path = [], search = "" } = more;
  const stream = async function* () {
    yield Buffer.from(body);
  };
  const answer = await accept(
    { method, segments: [id, ...path], search, headers, body: method === "POST" ? stream() : null },
    { ...host, ...more.host },
  );
  const { "x-waybill-repeat": repeat, ...first } = answer.headers;
  return { status: answer.status, body: answer.body, headers: first, isRepeat: repeat === "1" };
}

async function counts(projectId: string) {
  const of = async (table: string) =>
    (await database.query(`select 1 from ${table} where project_id = $1`, [projectId])).length;
  return { messages: await of("messages"), runs: await of("runs") };
}

const named = { "idempotency-key": "d-1" };
const later = (projectId: string, hours: number) =>
  database.query(
    "update deliveries set first_at = first_at - make_interval(hours => $2) where project_id = $1",
    [projectId, hours],
  );

describe("a delivery that its sender names", () => {
  test.each(["idempotency-key", "webhook-id", "x-github-delivery"])(
    "gets its first answer when it comes again, and is run once (%s)",
    async (header) => {
      for (const door of ["trigger", "inbox"] as const) {
        const { project, trigger } = await world();
        const url = door === "trigger" ? trigger : project.inboxId;
        const first = await send(url, { [header]: "d-1" });
        expect([first.status, first.isRepeat]).toEqual([door === "trigger" ? 200 : 202, false]);
        expect(asked).toEqual(["inbox-accept-once"]);
        for (let i = 0; i < 2; i++)
          expect(await send(url, { [header]: "d-1" })).toEqual({ ...first, isRepeat: true });
        expect(await counts(project.id)).toEqual({ messages: 1, runs: 1 });
      }
    },
  );

  test("is stored once when it comes many times at the same instant", async () => {
    const { project, trigger } = await world();
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(trigger, named)));
    expect(answers.filter(({ isRepeat }) => !isRepeat)).toHaveLength(1);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(await counts(project.id)).toEqual({ messages: 1, runs: 1 });
  });

  test("is stored once when the first answer never reached its sender, or us", async () => {
    const { project, trigger } = await world();
    let lost = 0;
    const query: InboxHost["query"] = async (text, values, name) => {
      const rows = await host.query<never>(text, values, name);
      if (lost++ === 0) throw Object.assign(new Error("the connection is gone"), { code: "ECONNRESET" });
      return rows;
    };
    const first = await send(trigger, named, { host: { query } });
    expect([first.status, first.isRepeat]).toEqual([200, false]);
    expect(await send(trigger, named)).toEqual({ ...first, isRepeat: true });
    expect(await counts(project.id)).toEqual({ messages: 1, runs: 1 });
  });

  test("gets the answer of then, whatever was run of it since, and also when the message is gone", async () => {
    const { project, trigger } = await world();
    const first = await send(trigger, named);
    await database.query(
      `insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, created_at)
       select project_id, workflow_id, work_order_id, message_id, snapshot_id, now() + interval '1 ms' from runs where project_id = $1`,
      [project.id],
    );
    expect(await send(trigger, named)).toEqual({ ...first, isRepeat: true });
    for (const table of ["runs", "work_orders", "messages"])
      await database.query(`delete from ${table} where project_id = $1`, [project.id]);
    const gone = await send(trigger, named);
    expect([gone.status, gone.isRepeat]).toEqual([202, true]);
    expect(gone.headers["x-meta-message-id"]).toBe(first.headers["x-meta-message-id"]);
  });

  test("is another one with another content, path, query, id or URL: nothing is lost", async () => {
    const { project, trigger } = await world();
    const answers = [
      await send(trigger, named),
      await send(trigger, named, { body: '{"n":2}' }),
      await send(trigger, named, { path: ["b"] }),
      await send(trigger, named, { search: "?b=1" }),
      await send(trigger, { "idempotency-key": "d-2" }),
      await send(trigger, { "webhook-id": "d-1" }),
      await send(project.inboxId, named),
    ];
    expect(answers.map(({ isRepeat }) => isRepeat)).toEqual(answers.map(() => false));
    expect((await send(trigger, named, { body: '{"n":2}' })).isRepeat).toBe(true);
    expect(await counts(project.id)).toEqual({ messages: 7, runs: 7 });
  });

  test("is not what another project's sender calls the same", async () => {
    const [mine, theirs] = [await world(), await world()];
    for (const { trigger } of [mine, theirs]) expect((await send(trigger, named)).isRepeat).toBe(false);
  });

  test("is new after 24 hours", async () => {
    const { project, trigger } = await world();
    const first = await send(trigger, named);
    await later(project.id, 23);
    expect((await send(trigger, named)).isRepeat).toBe(true);
    await later(project.id, 2);
    const second = await send(trigger, named);
    expect([second.isRepeat, second.body === first.body]).toEqual([false, false]);
    expect(await send(trigger, named)).toEqual({ ...second, isRepeat: true });
    expect(await counts(project.id)).toEqual({ messages: 2, runs: 2 });
  });

  test("is told nothing without credentials, and what was refused is no delivery", async () => {
    const { ctx, project } = await world();
    await createAuthMethod(ctx, { type: "api", name: "k", apiKey: "sender-key", onInbox: true });
    const known = { "x-api-key": "sender-key" };
    expect((await send(project.inboxId, named)).status).toBe(401);
    const first = await send(project.inboxId, { ...named, ...known });
    expect([first.status, first.isRepeat]).toEqual([202, false]);
    expect((await send(project.inboxId, named)).status).toBe(401);
    expect((await send(project.inboxId, { ...named, "x-api-key": "wrong" })).status).toBe(404);
    expect((await send(project.inboxId, named, { method: "GET" })).status).toBe(401);
    expect((await send(project.inboxId, { ...named, ...known })).isRepeat).toBe(true);
    expect(await counts(project.id)).toEqual({ messages: 1, runs: 1 });
  });

  test("shows on its receipt how often it came, and that its id was used before", async () => {
    const { ctx, trigger } = await world();
    const idOf = ({ headers }: Awaited<ReturnType<typeof send>>) => headers["x-meta-message-id"] ?? "";
    const plain = idOf(await send(trigger, {}));
    const first = idOf(await send(trigger, named));
    await send(trigger, named);
    await send(trigger, named);
    const other = idOf(await send(trigger, named, { body: '{"n":2}' }));
    const deliveryOf = async (id: string) => (await getMessage(ctx, id)).delivery;
    expect(await deliveryOf(plain)).toBeNull();
    expect(await deliveryOf(first)).toMatchObject({ times: 3, isReused: false });
    expect(await deliveryOf(other)).toMatchObject({ times: 1, isReused: true });
  });

  test("is forgotten after its hours, unless its receipt has something to say", async () => {
    const { ctx, project, trigger } = await world();
    const idOf = ({ headers }: Awaited<ReturnType<typeof send>>) => headers["x-meta-message-id"] ?? "";
    const old = idOf(await send(trigger, { "webhook-id": "once" }));
    const repeated = idOf(await send(trigger, { "webhook-id": "twice" }));
    await send(trigger, { "webhook-id": "twice" });
    await later(project.id, 25);
    const recent = idOf(await send(trigger, { "webhook-id": "now" }));
    expect(await forgetDeliveries(database)).toBeGreaterThan(0);
    const left = await Promise.all([old, repeated, recent].map((id) => getMessage(ctx, id)));
    expect(left.map(({ delivery }) => delivery?.times ?? null)).toEqual([null, 2, 1]);
    expect(await forgetDeliveries(database)).toBe(0);
  });
});

test("a large body costs a copy of memory, not a walk over it", async () => {
  const body = new Uint8Array(20_000_000);
  let steps = 0;
  Object.defineProperty(body, Symbol.iterator, {
    value: function* () {
      steps++;
      yield* [];
    },
  });
  const headers = { "idempotency-key": "d", "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
  expect(await deliveryOf({ headers, path: [], search: "" }, body)).not.toBeNull();
  expect(await isSignedWith({ preset: "github" }, "secret", { headers, body })).toBe(false);
  expect(steps).toBe(0);
});

test("a request that names no delivery is the statement of before, and leaves nothing to remember", async () => {
  const { project, trigger } = await world();
  for (const headers of [{}, { "idempotency-key": " " }, { "x-request-id": "d-1" }])
    for (let i = 0; i < 2; i++) {
      expect((await send(trigger, headers as Record<string, string>)).isRepeat).toBe(false);
      expect(asked).toEqual(["inbox-accept"]);
    }
  expect(await database.query("select 1 from deliveries where project_id = $1", [project.id])).toEqual([]);
  expect(acceptStatement.text).not.toContain("deliveries");
});
