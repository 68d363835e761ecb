import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { updateProject } from "@/lib/domain/project/update";
import { forgetDeliveries } from "@/lib/domain/purge/deliveries";
import { forgetArrivals } from "@/lib/domain/purge/refused";
import { listRefused } from "@/lib/domain/refused/list";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import type { TriggerNode } from "@/lib/workflow/types";
import { accept, type InboxHost } from "./accept";
import { inboxKeys } from "./keys";
import { DoorMemory } from "./memory";
import { acceptOnceStatement, acceptStatement } from "./statement";

const database = testDatabase();
let host: InboxHost;
let clinic: Clinic;
let asked: string[] = [];

beforeAll(async () => {
  const query: InboxHost["query"] = (text, values, name) => {
    asked.push(name ?? "answered");
    return database.query(text, values, name);
  };
  host = { query, ...(await inboxKeys(process.env.SECRET_KEY ?? "")), maxBodyBytes: 1_000_000 };
});
beforeEach(async () => {
  clinic = await createClinic();
});

type More = { path?: string[]; search?: string; method?: string } & Partial<InboxHost>;

async function send(to: string, body: unknown, headers: Record<string, string> = {}, more: More = {}) {
  asked = [];
  const { path = [], search = "", method = "POST", ...of } = more;
  const stream = async function* () {
    yield Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  };
  const answer = await accept(
    { method, segments: [to, ...path], search, headers, body: method === "POST" ? stream() : null },
    { ...host, ...of },
  );
  return { ...answer, isRepeat: answer.headers["x-waybill-repeat"] === "1" };
}

/** Sets something of the trigger "Hook", as its workflow's page would. */
async function hook(changes: Partial<TriggerNode>): Promise<string> {
  const { graph, ...rest } = await getWorkflow(clinic.ctx, { id: clinic.workflows.hook });
  const triggers = graph.triggers.map((trigger) => ({ ...trigger, ...changes }));
  const jobs = graph.jobs.map(({ adaptorVersion: _, ...job }) => job);
  await saveWorkflow(
    clinic.ctx,
    { ...graph, id: clinic.workflows.hook, lockVersion: rest.lockVersion, triggers, jobs } as never,
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  return clinic.triggers.hook;
}

const messages = async () =>
  (await database.query("select 1 from messages where project_id = $1", [clinic.project.id])).length;

describe("finds a delivery's id where its URL says", () => {
  test.each(["constructor", "__proto__"])(
    "and none in a header named %s that nobody sent",
    async (header) => {
      const url = await hook({ deliveryId: { header } });
      for (let i = 0; i < 2; i++) expect(await send(url, {})).toMatchObject({ status: 200, isRepeat: false });
    },
  );

  test.each<[string, TriggerNode["deliveryId"], Record<string, string>[], unknown[]]>([
    ["a header of its own", { header: "x-event" }, [{ "x-event": "1" }], [{}]],
    ["a text of the body", { path: "data.event.id" }, [{}], [{ event: { id: "e-1" } }]],
    ["a number, exactly", { path: "data.n" }, [{}], ['{"n":12345678901234567890}']],
    ["a place in a list", { path: "data.events.0.id" }, [{}], [{ events: [{ id: "e" }] }]],
    [
      "the path, where the header is not there",
      { header: "x-event", path: "data.id" },
      [{}],
      [{ id: "e-2" }],
    ],
    [
      "a form's field",
      { path: "data.MessageSid" },
      [{ "content-type": "application/x-www-form-urlencoded" }],
      ["MessageSid=SM1"],
    ],
  ])("%s", async (_, deliveryId, [headers = {}], [body]) => {
    for (const url of [await hook({ deliveryId }), clinic.project.inboxId]) {
      if (url === clinic.project.inboxId) await updateProject(clinic.ctx, { deliveryId });
      const first = await send(url, body, headers);
      expect([first.isRepeat, asked]).toEqual([false, ["inbox-accept", "inbox-accept-by-rules"]]);
      const again = await send(url, body, headers);
      expect([again.isRepeat, again.status, again.body]).toEqual([true, first.status, first.body]);
    }
    expect(await messages()).toBe(2);
  });

  test.each<[string, TriggerNode["deliveryId"], Record<string, string>, unknown]>([
    ["without the header", { header: "x-event" }, {}, { id: 1 }],
    ["with a usual header instead", { header: "x-event" }, { "idempotency-key": "1" }, { id: 1 }],
    ["with nothing at the path", { path: "data.id" }, {}, { other: 1 }],
    ["with an object at the path", { path: "data.id" }, {}, { id: { a: 1 } }],
    ["with what every object has", { path: "data.constructor" }, {}, {}],
    ["with an empty text", { path: "data.id" }, {}, { id: " " }],
    ["with a body that is none", { path: "data.id" }, {}, "no json"],
  ])("and names nothing %s: each is a message", async (_, deliveryId, headers, body) => {
    const url = await hook({ deliveryId });
    for (let i = 0; i < 2; i++) expect((await send(url, body, headers)).isRepeat).toBe(false);
    expect(await messages()).toBe(2);
  });

  test("a text and a number are not the same id, nor is another content of one id", async () => {
    const url = await hook({ deliveryId: { path: "data.id" } });
    for (const body of [{ id: 1 }, { id: "1" }, { id: "1", more: true }])
      expect((await send(url, body)).isRepeat).toBe(false);
  });

  test("for the hours that it says, longer and shorter than a day", async () => {
    const later = (hours: number) =>
      database.query(
        "update deliveries set first_at = first_at - make_interval(hours => $2) where project_id = $1",
        [clinic.project.id, hours],
      );
    const url = await hook({ deliveryId: { hours: 100 } });
    await send(url, {}, { "idempotency-key": "1" });
    await later(99);
    await forgetDeliveries(database);
    expect((await send(url, {}, { "idempotency-key": "1" })).isRepeat).toBe(true);
    await later(2);
    expect((await send(url, {}, { "idempotency-key": "1" })).isRepeat).toBe(false);
    await hook({ deliveryId: { hours: 1 } });
    await send(url, {}, { "idempotency-key": "2" });
    expect((await send(url, {}, { "idempotency-key": "2" })).isRepeat).toBe(true);
    await later(2);
    expect((await send(url, {}, { "idempotency-key": "2" })).isRepeat).toBe(false);
  });

  test("once, when it comes many times at the same instant", async () => {
    const url = await hook({ deliveryId: { path: "data.id" }, ratePerMinute: 100 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(url, { id: 1 })));
    expect(answers.filter(({ isRepeat }) => !isRepeat)).toHaveLength(1);
    expect(await messages()).toBe(1);
  });

  test("and what is set is refused where nothing could be found by it", async () => {
    for (const deliveryId of [{}, { path: "id" }, { path: "data" }, { path: "data..id" }, { header: "x y" }])
      await expect(updateProject(clinic.ctx, { deliveryId })).rejects.toThrow();
    for (const hours of [0, 721])
      await expect(updateProject(clinic.ctx, { deliveryId: { hours } })).rejects.toThrow();
  });
});

describe("takes so many messages a minute", () => {
  const statuses = async (url: string, count: number, more: More = {}) => {
    const found: number[] = [];
    for (let i = 0; i < count; i++) found.push((await send(url, { i }, {}, more)).status);
    return found;
  };

  test("through one URL, and says when there is room again", async () => {
    const url = await hook({ ratePerMinute: 2 });
    expect(await statuses(url, 3)).toEqual([200, 200, 429]);
    const answer = await send(url, {});
    const seconds = Number(answer.headers["retry-after"]);
    expect(JSON.parse(answer.body)).toMatchObject({ error: "too_many_requests", retry_after: seconds });
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(await messages()).toBe(2);
    expect((await listRefused(clinic.ctx)).items).toMatchObject([{ cause: "too_many", hasBody: true }, {}]);
    expect(await statuses(clinic.project.inboxId, 3)).toEqual([202, 202, 202]);
    await updateProject(clinic.ctx, { inboxRatePerMinute: 1 });
    expect(await statuses(clinic.project.inboxId, 2)).toEqual([202, 429]);
  });

  test("into one project, whichever of its URLs they come through", async () => {
    await updateProject(clinic.ctx, { ratePerMinute: 2 });
    expect(await statuses(clinic.project.inboxId, 1)).toEqual([202]);
    expect(await statuses(clinic.triggers.hook, 2)).toEqual([200, 429]);
    expect(await statuses(clinic.project.inboxId, 1)).toEqual([429]);
    const other = await createClinic();
    expect(await statuses(other.project.inboxId, 1)).toEqual([202]);
  });

  test("and again when the minute is over, of which nothing is left then", async () => {
    const url = await hook({ ratePerMinute: 1 });
    expect(await statuses(url, 2)).toEqual([200, 429]);
    await database.query("update arrival_counts set ten_seconds = ten_seconds - 6 where counted_id = $1", [
      url,
    ]);
    expect(await statuses(url, 2)).toEqual([200, 429]);
    await database.query("update arrival_counts set ten_seconds = ten_seconds - 20 where counted_id = $1", [
      url,
    ]);
    await forgetArrivals(database);
    expect(await database.query("select 1 from arrival_counts where counted_id = $1", [url])).toEqual([]);
  });

  test("of those who may send, and tells others what it always did", async () => {
    await createAuthMethod(clinic.ctx, { type: "api", name: "key", apiKey: "sender-key", onInbox: true });
    await updateProject(clinic.ctx, { inboxRatePerMinute: 1 });
    const memory = new DoorMemory();
    const as = (key?: string) =>
      send(clinic.project.inboxId, {}, key ? { "x-api-key": key } : {}, { memory }).then(
        ({ status }) => status,
      );
    expect([await as("sender-key"), await as("sender-key"), await as("sender-key")]).toEqual([202, 429, 429]);
    expect([await as(), await as("wrong-key")]).toEqual([401, 404]);
    expect(
      await send(clinic.project.inboxId, {}, { "x-api-key": "sender-key" }, { method: "GET", memory }),
    ).toMatchObject({ status: 200 });
  });

  test("a repeat takes no place of another message", async () => {
    const url = await hook({ ratePerMinute: 2 });
    const named = { "idempotency-key": "1" };
    await send(url, {}, named);
    for (let i = 0; i < 3; i++) expect((await send(url, {}, named)).isRepeat).toBe(true);
    expect(await statuses(url, 2)).toEqual([200, 429]);
  });

  test("and whoever is over it costs the door that remembers no statement", async () => {
    const url = await hook({ ratePerMinute: 1 });
    const memory = new DoorMemory();
    expect(await statuses(url, 2, { memory })).toEqual([200, 429]);
    expect(asked.filter((name) => name !== "inbox-keep-refused")).toEqual(["inbox-accept-by-rules"]);
    expect(await statuses(url, 1, { memory })).toEqual([429]);
    expect(asked).toEqual(["inbox-keep-refused"]);
    expect(await statuses(url, 1, { memory: new DoorMemory() })).toEqual([429]);
  });

  test("counting locks no row that another connection counts in", async () => {
    const url = await hook({ ratePerMinute: 1000 });
    await Promise.all(Array.from({ length: 12 }, (_, i) => send(url, { i })));
    const rows = await database.query<{ backend: number; count: number }>(
      "select backend, count from arrival_counts where counted_id = $1",
      [url],
    );
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(12);
    const counting = await database.query<{ pid: number }>("select pid from pg_stat_activity");
    const pids = new Set(counting.map(({ pid }) => pid));
    expect(rows.filter(({ backend }) => !pids.has(backend))).toEqual([]);
  });
});

test("a door remembers rules and is told when they are others", async () => {
  const url = await hook({ deliveryId: { path: "data.id" } });
  const memory = new DoorMemory();
  await send(url, { id: 1 }, {}, { memory });
  expect(asked).toEqual(["inbox-accept", "inbox-accept-by-rules"]);
  expect((await send(url, { id: 1 }, {}, { memory })).isRepeat).toBe(true);
  expect(asked.slice(0, 1)).toEqual(["inbox-accept-by-rules"]);
  await hook({ deliveryId: { path: "data.key" } });
  await send(url, { key: 1 }, {}, { memory });
  expect(asked).toEqual(["inbox-accept-by-rules", "inbox-accept-by-rules"]);
  await hook({ deliveryId: null });
  await send(url, { key: 1 }, {}, { memory });
  expect(asked).toEqual(["inbox-accept-by-rules", "inbox-accept"]);
});

test("a custom path has the rules of its trigger, and counts with it", async () => {
  const path = `p-${randomUUID()}`;
  const url = await hook({ customPath: path, ratePerMinute: 2 });
  const memory = new DoorMemory();
  const byPath = () => send(clinic.project.id, {}, {}, { path: [path], memory });
  expect([(await byPath()).status, (await send(url, {})).status, (await byPath()).status]).toEqual([
    200, 200, 429,
  ]);
  expect((await byPath()).status).toBe(429);
  expect((await listRefused(clinic.ctx)).items[0]).toMatchObject({ cause: "too_many", triggerId: url });
});

test("a URL without rules is the statement of before, and counts nothing", async () => {
  await send(clinic.triggers.hook, {});
  expect(asked).toEqual(["inbox-accept"]);
  for (const { text } of [acceptStatement, acceptOnceStatement]) expect(text).not.toContain("arrival_counts");
});
