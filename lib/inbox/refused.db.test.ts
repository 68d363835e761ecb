import { createHmac, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { linkAuthMethod } from "@/lib/domain/auth-method/link";
import { getMessage } from "@/lib/domain/message/get";
import { deleteProject } from "@/lib/domain/project/delete";
import { updateProject } from "@/lib/domain/project/update";
import { paceOf } from "@/lib/domain/purge/pace";
import { forgetRefused } from "@/lib/domain/purge/refused";
import { acceptRefused } from "@/lib/domain/refused/accept";
import { getRefused } from "@/lib/domain/refused/get";
import { listRefused } from "@/lib/domain/refused/list";
import { limits } from "@/lib/limits";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { accept, type InboxHost } from "./accept";
import { inboxKeys } from "./keys";
import { DoorMemory } from "./memory";
import { keptOf } from "./refused";

const database = testDatabase();
const visit = '{"form":"visit","n":1}';
let host: InboxHost;
let clinic: Clinic;

beforeAll(async () => {
  host = {
    query: database.query,
    ...(await inboxKeys(process.env.SECRET_KEY ?? "")),
    maxBodyBytes: 5_000_000,
  };
});
beforeEach(async () => {
  clinic = await createClinic();
});

type More = {
  body?: string | Uint8Array;
  method?: string;
  search?: string;
  path?: string[];
} & Partial<InboxHost>;

async function send(to: string, headers: Record<string, string>, more: More = {}) {
  const { body = visit, method = "POST", search = "", path = [], ...of } = more;
  const stream = async function* () {
    yield Buffer.from(body);
  };
  return accept({ method, segments: [to, ...path], search, headers, body: stream() }, { ...host, ...of });
}

const causes = async () => (await listRefused(clinic.ctx)).items.map(({ cause, status }) => [cause, status]);
const guard = (method: Parameters<typeof createAuthMethod>[1]) =>
  createAuthMethod(clinic.ctx, { onInbox: true, ...method } as typeof method);

describe("a request that is refused", () => {
  test("is kept with its cause, newest first, whatever it was", async () => {
    const { project, triggers, ctx } = clinic;
    await send(project.inboxId, { "content-length": "6000000" });
    await send(project.inboxId, { "content-encoding": "br2" });
    await guard({ type: "hmac", name: "gh", secret: "topsecret-hmac" });
    await send(project.inboxId, {});
    await send(project.inboxId, { "x-api-key": "wrong-key" });
    await send(project.inboxId, { "x-hub-signature-256": `sha256=${"0".repeat(64)}` });
    await database.query("update triggers set enabled = false where id = $1", [triggers.hook]);
    await send(triggers.hook, {});
    await database.query("update triggers set enabled = true where id = $1", [triggers.hook]);
    await updateProject(ctx, { maxBodyBytes: 3 });
    await send(triggers.hook, {});
    expect(await causes()).toEqual([
      ["too_large", 413],
      ["disabled", 403],
      ["wrong_signature", 404],
      ["wrong_credentials", 404],
      ["no_credentials", 401],
      ["unreadable", 415],
      ["too_large", 413],
    ]);
    const [, disabled, signature] = (await listRefused(ctx)).items;
    expect(disabled).toMatchObject({
      workflowName: "Hook",
      triggerId: triggers.hook,
      hasBody: true,
      preview: visit,
    });
    expect(signature?.why).toMatch(/x-hub-signature-256 was not made with that method's secret.*\(gh\)/);
    expect(await database.query("select 1 from messages where project_id = $1", [project.id])).toEqual([]);
  });

  test("is nothing to keep for an id that is nobody's, for a look, and for what is stored", async () => {
    const asked: string[] = [];
    const query: InboxHost["query"] = (text, values, name) => {
      asked.push(name ?? "");
      return database.query(text, values, name);
    };
    await send(randomUUID(), {}, { query });
    await send(clinic.triggers.hook, {}, { query });
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await send(clinic.project.inboxId, {}, { query, method: "GET" });
    // Nobody's id might be the test URL of a draft.
    expect(asked).toEqual(["inbox-accept", "inbox-test-url", "inbox-accept", "inbox-accept"]);
    expect(await causes()).toEqual([]);
  });

  test("is kept without what may be a secret", async () => {
    await guard({
      type: "hmac",
      name: "token",
      preset: "header",
      header: "X-Token",
      secret: "header-secret",
    });
    await send(clinic.project.inboxId, {
      "x-token": "nearly-secret",
      "x-api-key": "nearly-secret",
      authorization: "Basic nearly-secret",
      cookie: "nearly-secret",
      "proxy-authorization": "nearly-secret",
      "x-other": "kept",
    });
    const rows = await database.query("select * from refused_requests where project_id = $1", [
      clinic.project.id,
    ]);
    expect(JSON.stringify(rows)).not.toContain("nearly-secret");
    const [{ id = "" } = {}] = (await listRefused(clinic.ctx)).items;
    expect((await getRefused(clinic.ctx, { id })).headers).toEqual({
      "x-token": "[REDACTED]",
      "x-api-key": "[REDACTED]",
      authorization: "Basic [REDACTED]",
      cookie: "[REDACTED]",
      "proxy-authorization": "[REDACTED]",
      "x-other": "kept",
    });
  });

  test.each([
    ["x-gitlab-token", "nearly-secret"],
    ["x-telegram-bot-api-secret-token", "nearly-secret"],
    ["apikey", "nearly-secret"],
    ["x-access-key", "nearly-secret"],
    ["x-auth", "nearly-secret"],
    ["authorization", "nearly-secret and-more"],
  ])("is kept without what a stranger brings as %s, and with it of a sender", async (name, value) => {
    const { ctx, project, triggers } = clinic;
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await send(project.inboxId, { [name]: value, "x-github-event": "push" });
    const newest = async () => {
      const [{ id = "" } = {}] = (await listRefused(ctx)).items;
      return (await getRefused(ctx, { id })).headers;
    };
    expect(await newest()).toEqual({ [name]: "[REDACTED]", "x-github-event": "push" });
    if (name === "authorization") return;
    await database.query("update triggers set enabled = false where id = $1", [triggers.hook]);
    await send(triggers.hook, { [name]: value });
    expect(await newest()).toEqual({ [name]: value });
  });

  test("is kept without what a stranger's query may hold, once and repeated, and with it of a sender", async () => {
    const { ctx, project, triggers } = clinic;
    const names = [
      "token",
      "api_key",
      "apikey",
      "accessToken",
      "hub.verify_token",
      "a[password]",
      "client-secret",
    ];
    const search = `?monkey=1&id=2&id=3&${names.map((name) => `${name}=nearly-secret`).join("&")}`;
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await send(project.inboxId, { "x-api-key": "wrong-key" }, { search });
    const rows = await database.query("select * from refused_requests where project_id = $1", [project.id]);
    expect(JSON.stringify(rows)).not.toContain("nearly-secret");
    expect(rows[0]).toMatchObject({ query: { monkey: "1", token: "[REDACTED]" } });
    await database.query("update triggers set enabled = false where id = $1", [triggers.hook]);
    await send(triggers.hook, {}, { search: "?token=1" });
    const [{ id = "" } = {}] = (await listRefused(ctx)).items;
    expect((await getRefused(ctx, { id })).query).toEqual({ token: "1" });
  });

  test("is not waited for where the host can, and changes no answer when it fails", async () => {
    const later = vi.fn<(work: Promise<void>) => void>();
    let fail = (_: Error) => {};
    const keeping = new Promise<never[]>((_, reject) => {
      fail = reject;
    });
    const query: InboxHost["query"] = (text, values, name) =>
      name === "inbox-keep-refused" ? keeping : database.query(text, values, name);
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    expect((await send(clinic.project.inboxId, {}, { query, later })).status).toBe(401);
    expect(later).toHaveBeenCalledOnce();
    fail(new Error("the database is gone"));
    await later.mock.calls[0]?.[0];
  });

  test("is forgotten after a day", async () => {
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await send(clinic.project.inboxId, {});
    await send(clinic.project.inboxId, { "x-api-key": "wrong-key" });
    await database.query(
      "update refused_requests set received_at = now() - interval '25 hours' where project_id = $1 and cause = 'no_credentials'",
      [clinic.project.id],
    );
    await forgetRefused(database, paceOf(60_000));
    expect(await causes()).toEqual([["wrong_credentials", 404]]);
  });
});

describe("what is kept has bounds", () => {
  const fill = (count: number, kept: number, of = "stranger") =>
    database.query(
      `insert into refused_requests (project_id, cause, room, status, method, path, query, headers, size, kept, preview)
       select $1::uuid, 'no_credentials', $4::text || ' ' || $1::uuid, 401, 'POST', '{}', '{}', '{}', 0, $3, '' from generate_series(1, $2::int)`,
      [clinic.project.id, count, kept, of],
    );
  const kept = async () => {
    const [row] = await database.query<{ n: number }>(
      "select count(*)::int as n from refused_requests where project_id = $1",
      [clinic.project.id],
    );
    return row?.n;
  };

  test.each([
    ["requests", limits.refusedRequests - 1, 0],
    ["bytes", 1, limits.refusedBytes - 10],
  ])("of %s, and strangers take no room from senders", async (_, count, each) => {
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await fill(count, each);
    for (let i = 0; i < 3; i++) await send(clinic.project.inboxId, {}, { body: "{}" });
    expect(await kept()).toBe(count + 1);
    await database.query("update projects set inbox_enabled = false where id = $1", [clinic.project.id]);
    await send(clinic.project.inboxId, { "x-api-key": "sender-key" });
    expect((await causes())[0]).toEqual(["disabled", 403]);
  });

  test("which count all that a stranger can make large", async () => {
    const { project } = clinic;
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await send(project.inboxId, {}, { path: Array(3_000).fill("a") });
    await send(project.inboxId, {}, { search: `?${"a&".repeat(3_000)}` });
    const rows = await database.query<{ kept: number; size: number }>(
      `select kept, octet_length(array_to_string(path, '')) + octet_length(query::text) + octet_length(coalesce(parameters::text, '')) as size
       from refused_requests where project_id = $1`,
      [project.id],
    );
    expect(rows).toHaveLength(2);
    for (const { kept, size } of rows) expect(kept).toBeGreaterThan(size * 0.8);
  });

  test("in memory too: a large body is let go before it waits for its turn", () => {
    const large = keptOf(new Uint8Array(limits.refusedBody + 1));
    expect([large.body, large.start.buffer.byteLength]).toEqual([null, 800]);
    expect(keptOf(new Uint8Array(limits.refusedBody)).body).toHaveLength(limits.refusedBody);
  });

  test("and however the id is written, it is one URL", async () => {
    const id = clinic.project.inboxId;
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await fill(limits.refusedRequests, 0);
    const turns = new Set<string>();
    const memory = new DoorMemory();
    const turn: InboxHost["turn"] = (_, urlId, __, work) => {
      turns.add(urlId);
      return work();
    };
    await send(id.toUpperCase(), {}, { memory, turn });
    expect(memory.hasRoom(id, "stranger")).toBe(false);
    await send(id, {}, { memory, turn });
    expect([...turns]).toEqual([id]);
  });

  test("and once there is no room nobody asks again for a while", async () => {
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await fill(limits.refusedRequests, 0);
    const asked: string[] = [];
    const query: InboxHost["query"] = (text, values, name) => {
      asked.push(name ?? "");
      return database.query(text, values, name);
    };
    const memory = new DoorMemory();
    for (let i = 0; i < 3; i++) await send(clinic.project.inboxId, {}, { query, memory });
    expect(asked.filter((name) => name === "inbox-keep-refused")).toHaveLength(1);
  });

  test("of a body: a larger one is left out, and its request cannot be accepted", async () => {
    await database.query("update projects set inbox_enabled = false where id = $1", [clinic.project.id]);
    const large = JSON.stringify({ form: "visit", text: "x".repeat(limits.refusedBody) });
    await send(clinic.project.inboxId, {}, { body: large });
    const [row] = (await listRefused(clinic.ctx)).items;
    expect(row).toMatchObject({ hasBody: false, size: large.length });
    await updateProject(clinic.ctx, { inboxEnabled: true });
    await expectRefusal(acceptRefused(clinic.ctx, { id: row?.id ?? "" }), "invalid");
  });
});

describe("a refused request that is accepted by hand", () => {
  async function refused(headers: Record<string, string> = {}, more: More = {}): Promise<string> {
    await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await send(clinic.project.inboxId, { "content-type": "application/json", ...headers }, more);
    return (await listRefused(clinic.ctx)).items[0]?.id ?? "";
  }

  test("is a message that came then, matched and run, and its receipt says so", async () => {
    const id = await refused({ "x-facility": "north" }, { path: ["a"], search: "?b=1" });
    await database.query(
      "update refused_requests set received_at = now() - interval '1 hour' where id = $1",
      [id],
    );
    const { messageId, runIds } = await acceptRefused(clinic.ctx, { id });
    expect([messageId, runIds.length]).toEqual([id, 1]);
    await expectAudit("message.accept", id);
    await clinic.execute(id);
    const message = await getMessage(clinic.ctx, id);
    expect(message).toMatchObject({
      source: "inbox",
      path: ["a"],
      query: { b: "1" },
      headers: { "x-facility": "north" },
      view: { form: "visit", n: 1 },
      refused: { cause: "no_credentials", acceptedBy: expect.stringContaining("@") },
    });
    expect(Date.now() - Date.parse(message.receivedAt)).toBeGreaterThan(3_500_000);
    expect(message.workOrders).toMatchObject([{ state: "success" }]);
    await forgetRefused(database, paceOf(60_000));
    expect((await listRefused(clinic.ctx)).items).toMatchObject([
      { id, acceptedBy: expect.any(String), hasBody: false },
    ]);
  });

  test("goes to the trigger whose URL was called", async () => {
    const { id: authMethodId } = await guard({ type: "api", name: "key", apiKey: "sender-key" });
    await linkAuthMethod(clinic.ctx, { authMethodId, triggerIds: [clinic.triggers.hook] });
    await send(clinic.triggers.hook, {});
    const [row] = (await listRefused(clinic.ctx)).items;
    const { messageId } = await acceptRefused(clinic.ctx, { id: row?.id ?? "" });
    expect(await getMessage(clinic.ctx, messageId)).toMatchObject({
      source: "webhook",
      triggerId: clinic.triggers.hook,
      workOrders: [{ workflowName: "Hook" }],
    });
  });

  test("is one message, whoever clicks at the same time", async () => {
    const id = await refused();
    const ends = await Promise.allSettled([1, 2, 3].map(() => acceptRefused(clinic.ctx, { id })));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expectRefusal(acceptRefused(clinic.ctx, { id }), "conflict");
    expect(await database.query("select 1 from runs where message_id = $1", [id])).toHaveLength(1);
  });

  test("is refused while its URL is off, when its trigger is gone, to viewers and to strangers", async () => {
    const id = await refused();
    await updateProject(clinic.ctx, { inboxEnabled: false });
    await expectRefusal(acceptRefused(clinic.ctx, { id }), "conflict");
    await updateProject(clinic.ctx, { inboxEnabled: true });
    await expectRefusal(acceptRefused(clinic.as("viewer"), { id }), "forbidden");
    const stranger = await createClinic();
    await expectRefusal(acceptRefused(stranger.ctx, { id }), "not_found");
    await expectRefusal(getRefused(stranger.ctx, { id }), "not_found");
    expect((await listRefused(stranger.ctx)).items).toEqual([]);
    await database.query("update refused_requests set trigger_id = $2 where id = $1", [id, randomUUID()]);
    await expectRefusal(acceptRefused(clinic.ctx, { id }), "invalid");
    expect(await database.query("select 1 from messages where id = $1", [id])).toEqual([]);
    expect((await listRefused(clinic.as("viewer"))).items).toHaveLength(1);
  });

  test("goes with its project", async () => {
    const id = await refused();
    await deleteProject(clinic.ctx, { confirmName: clinic.project.name });
    const closing = {
      ...clinic.ctx,
      project: { ...clinic.ctx.project, deletesAt: new Date(Date.now() + 1e8) },
    };
    await expectRefusal(acceptRefused(closing, { id }), "conflict");
  });
});

test("a repeat is kept and linked to the message that came first, and not run", async () => {
  const body = '{"form":"visit"}';
  const first = await send(clinic.project.inboxId, { "idempotency-key": "d-1" }, { body });
  const again = await send(clinic.project.inboxId, { "idempotency-key": "d-1" }, { body });
  expect([again.status, again.body, again.headers["x-waybill-repeat"]]).toEqual([
    first.status,
    first.body,
    "1",
  ]);
  const { items } = await listRefused(clinic.ctx, { cause: "repeat" });
  expect(items).toMatchObject([{ messageId: first.accepted?.messageId, hasBody: false, status: 202 }]);
  await expectRefusal(acceptRefused(clinic.ctx, { id: items[0]?.id ?? "" }), "conflict");
});

test("a list of them is paged", async () => {
  await guard({ type: "hmac", name: "gh", secret: "topsecret-hmac" });
  for (let i = 0; i < 3; i++) await send(clinic.project.inboxId, {});
  const one = await listRefused(clinic.ctx, { limit: 2 });
  const two = await listRefused(clinic.ctx, { limit: 2, cursor: one.nextCursor ?? "" });
  expect([one.items.length, two.items.length, two.nextCursor]).toEqual([2, 1, null]);
  const signed = {
    "x-hub-signature-256": `sha256=${createHmac("sha256", "topsecret-hmac").update(visit).digest("hex")}`,
  };
  expect((await send(clinic.project.inboxId, signed)).status).toBe(202);
});
