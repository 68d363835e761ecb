import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { limits } from "@/lib/limits";
import { testDatabase } from "@/lib/testing/database";
import { accept, type InboxHost } from "./accept";
import { authDigest, digestKey } from "./digest";
import { inboxKeys } from "./keys";

const database = testDatabase();
const secretKey = "test-secret-key-test-secret-key-test-secret-key";
let host: InboxHost;
const ids = {
  project: randomUUID(),
  inbox: randomUUID(),
  webhook: randomUUID(),
  disabled: randomUUID(),
  guarded: randomUUID(),
  filter: randomUUID(),
  everything: randomUUID(),
  nothing: randomUUID(),
};

/** A workflow without jobs is enough: the inbox only queues runs. */
async function workflowWith(trigger: {
  id: string;
  type: string;
  enabled?: boolean;
  inclusion?: unknown;
  exclusion?: unknown;
}) {
  const workflow = randomUUID();
  const snapshot = randomUUID();
  const graph = { name: workflow, concurrency: null, triggers: [], jobs: [], edges: [], positions: null };
  await database.query("insert into workflows (id, project_id, name) values ($1, $2, $3)", [
    workflow,
    ids.project,
    `w ${workflow}`,
  ]);
  await database.query(
    "insert into snapshots (id, project_id, workflow_id, lock_version, graph) values ($1, $2, $3, 1, $4)",
    [snapshot, ids.project, workflow, JSON.stringify(graph)],
  );
  await database.query("update workflows set snapshot_id = $2 where id = $1", [workflow, snapshot]);
  await database.query(
    "insert into triggers (id, project_id, workflow_id, type, enabled, inclusion, exclusion) values ($1, $2, $3, $4, $5, $6, $7)",
    [
      trigger.id,
      ids.project,
      workflow,
      trigger.type,
      trigger.enabled ?? true,
      trigger.inclusion === undefined ? null : JSON.stringify(trigger.inclusion),
      trigger.exclusion === undefined ? null : JSON.stringify(trigger.exclusion),
    ],
  );
  return workflow;
}

beforeAll(async () => {
  const key = await digestKey(secretKey);
  host = { query: database.query, ...(await inboxKeys(secretKey)), maxBodyBytes: 10_000 };
  await database.query("insert into projects (id, name, inbox_id) values ($1, 'inbox-test', $2)", [
    ids.project,
    ids.inbox,
  ]);
  await workflowWith({ id: ids.webhook, type: "webhook" });
  await workflowWith({ id: ids.disabled, type: "webhook", enabled: false });
  await workflowWith({ id: ids.guarded, type: "webhook" });
  await workflowWith({
    id: ids.filter,
    type: "message_filter",
    inclusion: { form: "referral" },
    exclusion: { test: true },
  });
  for (const [type, name, value] of [
    ["api", "key", "k-1"],
    ["basic", "pair", "clinic:s3cret:with-colon"],
    ["basic", "accented", "kobo:&FÉT¾:»3q>(;'y"],
    ["basic", "cyrillic", "kobo:пароль"],
    ["basic", "coincidence", "kobo:Ã©"],
  ] as const) {
    const method = randomUUID();
    await database.query(
      "insert into auth_methods (id, project_id, name, type, secret, digest) values ($1, $2, $3, $4, '', $5)",
      [method, ids.project, name, type, await authDigest(key, type, value)],
    );
    await database.query("insert into trigger_auth_methods values ($1, $2)", [ids.guarded, method]);
  }
});

const bytes = (text: string | Uint8Array) =>
  typeof text === "string" ? new TextEncoder().encode(text) : text;
async function* stream(...parts: Uint8Array[]) {
  yield* parts;
}

function send(
  id: string,
  body: string | Uint8Array = '{"a":1}',
  options: {
    method?: string;
    headers?: Record<string, string>;
    path?: string[];
    search?: string;
    host?: Partial<InboxHost>;
  } = {},
) {
  const method = options.method ?? "POST";
  return accept(
    {
      method,
      segments: [id, ...(options.path ?? [])],
      search: options.search ?? "",
      headers: { "content-type": "application/json", ...options.headers },
      body: method === "POST" ? stream(bytes(body)) : null,
    },
    { ...host, ...options.host },
  );
}

type Stored = {
  id: string;
  body: Buffer;
  view: unknown;
  reading: unknown;
  format: string;
  headers: Record<string, string>;
  path: string[];
  query: unknown;
  preview: string;
  source: string;
};
async function stored(answer: Awaited<ReturnType<typeof send>>): Promise<Stored> {
  const [row] = await database.query<Stored>("select * from messages where id = $1", [
    answer.accepted?.messageId,
  ]);
  if (!row) throw new Error(`not stored: ${answer.status} ${answer.body}`);
  return row;
}

describe("a webhook trigger's URL", () => {
  test("a POST is committed with work order, run and outbox row before it is answered", async () => {
    const answer = await send(ids.webhook);
    expect(answer.status).toBe(200);
    const { work_order_id } = JSON.parse(answer.body);
    expect(answer.headers["x-meta-work-order-id"]).toBe(work_order_id);
    const rows = await database.query<{ id: string; state: string; outbox: number }>(
      "select r.id, r.state, (select count(*)::int from outbox where data->>'runId' = r.id::text) as outbox from runs r where work_order_id = $1 and message_id = $2",
      [work_order_id, answer.accepted?.messageId],
    );
    expect(rows).toEqual([{ id: answer.headers["x-meta-run-id"], state: "pending", outbox: 1 }]);
  });

  test("GET says that it is there and stores nothing", async () => {
    const answer = await send(ids.webhook, "", { method: "GET" });
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([
      200,
      "OpenFn webhook trigger found. Make a POST request to execute this workflow.",
    ]);
    expect(answer.accepted).toBeUndefined();
  });

  test.each([randomUUID(), "not-an-id", ids.filter, ids.project])("an unknown id %s is 404", async (id) => {
    const answer = await send(id);
    expect([answer.status, answer.body]).toEqual([404, '{"error":"Webhook not found"}']);
  });

  test("a disabled trigger is 403, for POST only", async () => {
    const answer = await send(ids.disabled);
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([403, "trigger_disabled"]);
    expect((await send(ids.disabled, "", { method: "GET" })).status).toBe(200);
  });

  test("extra path segments and the query string are recorded", async () => {
    const message = await stored(
      await send(ids.webhook, "{}", { path: ["a b", "c\u0000"], search: "?x=1&x=2&y=&__proto__=z" }),
    );
    expect(message.path).toEqual(["a b", "c\ufffd"]);
    expect(message.query).toEqual(JSON.parse('{"x":"2","y":"","__proto__":"z"}'));
  });

  test("PUT is refused with what is allowed", async () => {
    const answer = await send(ids.webhook, "{}", { method: "PUT" });
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD, POST, OPTIONS"]);
  });
});

describe("credentials", () => {
  test("none: 401; wrong: 404, as if there were nothing", async () => {
    expect((await send(ids.guarded)).status).toBe(401);
    expect((await send(ids.guarded, "{}", { headers: { "x-api-key": "wrong" } })).status).toBe(404);
    expect((await send(ids.guarded, "{}", { headers: { authorization: "Bearer k-1" } })).status).toBe(404);
    expect((await send(ids.guarded, "", { method: "GET" })).status).toBe(401);
  });

  test("any one method lets it in, and what matched is not stored", async () => {
    const byKey = await stored(
      await send(ids.guarded, "{}", {
        headers: { "x-api-key": "k-1", cookie: "session=1", authorization: "Bearer other" },
      }),
    );
    expect(byKey.headers).toMatchObject({
      "x-api-key": "[REDACTED]",
      cookie: "[REDACTED]",
      authorization: "Bearer other",
    });
    const headers = { "x-api-key": "k-1", authorization: "bearer k-1" };
    const borne = await stored(await send(ids.guarded, "{}", { headers }));
    expect(borne.headers).toMatchObject({ "x-api-key": "[REDACTED]", authorization: "Bearer [REDACTED]" });
    const basic = `bAsIc ${Buffer.from("clinic:s3cret:with-colon").toString("base64")}`;
    const byBasic = await stored(await send(ids.guarded, "{}", { headers: { authorization: basic } }));
    expect(byBasic.headers.authorization).toBe("Basic [REDACTED]");
  });
});

describe("Basic credentials", () => {
  const status = async (password: string, encoding: "utf8" | "latin1") => {
    const authorization = `Basic ${Buffer.from(`kobo:${password}`, encoding).toString("base64")}`;
    return (await send(ids.guarded, "{}", { headers: { authorization } })).status;
  };

  test.each([
    ["&FÉT¾:»3q>(;'y", "utf8", 200],
    ["&FÉT¾:»3q>(;'y", "latin1", 200],
    ["пароль", "utf8", 200],
    ["Ã©", "utf8", 200],
    ["Ã©", "latin1", 200],
    ["é", "utf8", 200],
    ["é", "latin1", 404],
    ["FÉT", "latin1", 404],
  ] as const)("%s in %s: %s", async (password, encoding, expected) => {
    expect(await status(password, encoding)).toBe(expected);
  });
});

describe("bodies", () => {
  test.each([
    ["iso-8859-1", "xml", "<a>R\xe9gion</a>", "text/xml; charset=iso-8859-1", { a: "Région" }],
    ["UTF-16", "json", Buffer.from('\ufeff{"a":"é"}', "utf16le"), "application/json", { a: "é" }],
    ["windows-1252", "text", "Zo\xeb", "text/csv; charset=windows-1252", "Zoë"],
    ["windows-1252", "form", "n=R%E9gion", "application/x-www-form-urlencoded", { n: "Région" }],
  ])("in %s are read in it (%s), kept as they came, and say so", async (_, format, body, type, view) => {
    const sent = typeof body === "string" ? Buffer.from(body, "latin1") : body;
    const message = await stored(await send(ids.webhook, sent, { headers: { "content-type": type } }));
    expect([message.format, message.view]).toEqual([format, view]);
    expect(message.body.equals(sent)).toBe(true);
    expect(message.reading).toMatchObject({ charset: {} });
  });

  test("a content coding that cannot be undone is 415 and stores nothing; one that inflates too far is 413", async () => {
    const { gzipSync } = await import("node:zlib");
    const before = await database.query("select count(*) from messages where project_id = $1", [ids.project]);
    const coded = (coding: string, body: string | Uint8Array) =>
      send(ids.webhook, body, {
        headers: { "content-encoding": coding },
        host: { maxBodyBytes: 1_000_000 },
      });
    const unknown = await coded("compress", "{}");
    expect([unknown.status, unknown.headers["accept-encoding"]]).toEqual([415, "gzip, deflate, identity"]);
    expect((await coded("gzip", gzipSync("{}").subarray(0, -1))).status).toBe(415);
    expect((await coded("gzip", gzipSync(Buffer.alloc(limits.inflatedBytes + 1)))).status).toBe(413);
    expect(
      await database.query("select count(*) from messages where project_id = $1", [ids.project]),
    ).toEqual(before);
  });

  test("files of a form are stored once, in the body, by their place in it", async () => {
    const body =
      '--b\r\nContent-Disposition: form-data; name="photo"; filename="1.jpg"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nx\0y\r\n--b--';
    const message = await stored(
      await send(ids.webhook, body, { headers: { "content-type": "multipart/form-data; boundary=b" } }),
    );
    expect(message.view).toEqual({
      photo: { name: "1.jpg", type: "image/jpeg", size: 4, file: 0 },
      note: "x\ufffdy",
    });
    const file = { field: "photo", name: "1.jpg", type: "image/jpeg", start: 97, end: 101 };
    expect([message.format, message.reading]).toEqual(["multipart", { files: [file] }]);
    expect(message.body.subarray(97, 101).toString()).toBe("JPEG");
  });

  test("a parameter that is sent twice is not lost", async () => {
    const message = await stored(await send(ids.webhook, "{}", { search: "?a[b]=1&a[b]=2&c[]=3" }));
    expect(message.query).toEqual({ a: { b: "2" }, c: ["3"] });
    expect(message.reading).toEqual({
      parameters: [
        ["a[b]", "1"],
        ["a[b]", "2"],
        ["c[]", "3"],
      ],
    });
  });

  test.each([
    ["application/json", '{"a":[1,2]}', "json", null],
    ["application/fhir+json; charset=utf-8", "[1]", "json", null],
    ["application/json", "17", "json", null],
    ["application/json", "{broken", "text", null],
    ["application/x-www-form-urlencoded", "a=1&a=2&b=x%20y", "form", { a: "2", b: "x y" }],
    ["application/x-www-form-urlencoded", '{"curl":true}', "json", null],
    [
      "application/xml",
      '<form id="7"><name>Ada &amp; Co</name><v>1</v><v>2</v></form>',
      "xml",
      { form: { "@id": "7", name: "Ada & Co", v: ["1", "2"] } },
    ],
    ["text/xml", '<!DOCTYPE x [<!ENTITY e "boom">]><x>&e;</x>', "text", null],
    ["text/plain", "hello", "text", null],
  ])("%s %s is kept byte for byte and read as %s", async (type, body, format, view) => {
    const message = await stored(await send(ids.webhook, body, { headers: { "content-type": type } }));
    expect(message.body.toString()).toBe(body);
    expect([message.format, message.view]).toEqual([format, view]);
  });

  test("bytes that are not text are kept", async () => {
    const body = Uint8Array.from([0xff, 0x00, 0xfe, 0x80]);
    const message = await stored(
      await send(ids.webhook, body, { headers: { "content-type": "application/octet-stream" } }),
    );
    expect([message.format, [...message.body]]).toEqual(["binary", [...body]]);
  });

  test("an empty body is a message too", async () => {
    expect((await stored(await send(ids.webhook, ""))).format).toBe("empty");
  });

  test("JSON that jsonb cannot hold is kept as sent, with a cleaned copy to match", async () => {
    for (const body of [
      '{"form":"referral","x":"a\\u0000b"}',
      '{"form":"referral","n":1e999999}',
      '{"form":"referral","s":"\\ud800"}',
    ]) {
      const answer = await send(ids.inbox, body);
      expect(answer.accepted?.runs).toBe(1);
      expect((await stored(answer)).body.toString()).toBe(body);
    }
  });

  test("100,000 levels of nesting are text, not a crash", async () => {
    const answer = await send(ids.webhook, "[".repeat(100_000), { host: { maxBodyBytes: 1_000_000 } });
    expect((await stored(answer)).format).toBe("text");
  });

  test("gzip bodies are kept compressed and read", async () => {
    const { gzipSync } = await import("node:zlib");
    const message = await stored(
      await send(ids.webhook, gzipSync('{"zipped":true}'), { headers: { "content-encoding": "gzip" } }),
    );
    expect([message.format, message.view]).toEqual(["json", { zipped: true }]);
  });

  test("more than the limit is 413, declared or streamed, and the project's own limit counts", async () => {
    const big = "x".repeat(10_001);
    expect((await send(ids.webhook, big, { headers: { "content-length": "10001" } })).status).toBe(413);
    expect((await send(ids.webhook, big)).status).toBe(413);
    await database.query("update projects set max_body_bytes = 5 where id = $1", [ids.project]);
    const answer = await send(ids.webhook, '{"a":123}');
    await database.query("update projects set max_body_bytes = null where id = $1", [ids.project]);
    expect([answer.status, answer.body]).toEqual([413, "Request Entity Too Large"]);
  });
});

describe("the project's inbox URL", () => {
  const runs = async (body: unknown) => (await send(ids.inbox, JSON.stringify(body))).accepted?.runs;

  test("messages are matched by containment, and not when the exclusion is contained", async () => {
    expect(await runs({ form: "referral", patient: 7 })).toBe(1);
    expect(await runs({ form: "referral", test: true })).toBe(0);
    expect(await runs({ form: "referral", test: false })).toBe(1);
    expect(await runs({ form: "payment" })).toBe(0);
  });

  test("what matches nothing is kept", async () => {
    const answer = await send(ids.inbox, '{"form":"unheard of"}');
    expect([answer.status, JSON.parse(answer.body).work_order_ids]).toEqual([202, []]);
    expect((await stored(answer)).source).toBe("inbox");
  });
});

describe("a database outage", () => {
  const outage = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

  test("a short one is ridden out", async () => {
    let calls = 0;
    const query: InboxHost["query"] = (...args) =>
      ++calls < 3 ? Promise.reject(outage) : database.query(...args);
    expect((await send(ids.webhook, "{}", { host: { query } })).status).toBe(200);
  });

  test("an answer lost after the commit does not store the message twice", async () => {
    let first = true;
    const query: InboxHost["query"] = async (...args) => {
      const rows = await database.query(...args);
      if (!first) return rows as never;
      first = false;
      throw outage;
    };
    const answer = await send(ids.webhook, '{"once":true}', { host: { query } });
    const [{ count }] = (await database.query<{ count: number }>(
      "select count(*)::int from work_orders where message_id = $1",
      [answer.accepted?.messageId],
    )) as [{ count: number }];
    expect([answer.status, count]).toEqual([200, 1]);
  });

  test("a long one is 503 with the time to wait", async () => {
    const answer = await send(ids.webhook, "{}", { host: { query: () => Promise.reject(outage) } });
    expect([answer.status, answer.headers["retry-after"], JSON.parse(answer.body).error]).toEqual([
      503,
      "5",
      "service_unavailable",
    ]);
  });
});

describe("a full disk", () => {
  const full = Object.assign(new Error('could not extend file "base/5/16400": No space left on device'), {
    code: "53100",
  });

  test("is 503 that says who has to do what, and a message that comes after is stored", async () => {
    const answer = await send(ids.webhook, "{}", { host: { query: () => Promise.reject(full) } });
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "30"]);
    expect(JSON.parse(answer.body)).toMatchObject({
      error: "service_unavailable",
      message: expect.stringContaining("disk is full"),
    });
    expect((await send(ids.webhook, "{}")).status).toBe(200);
  });
});

describe("a filter of {}", () => {
  beforeAll(async () => {
    const { project } = ids;
    const inbox = randomUUID();
    await database.query("insert into projects (id, name, inbox_id) values ($1, 'all', $2)", [
      ids.everything,
      inbox,
    ]);
    Object.assign(ids, { project: ids.everything });
    await workflowWith({ id: randomUUID(), type: "message_filter", inclusion: {} });
    await workflowWith({ id: randomUUID(), type: "message_filter" });
    await workflowWith({ id: randomUUID(), type: "message_filter", exclusion: {} });
    Object.assign(ids, { project, nothing: inbox });
  });

  test.each([
    ["an object", "application/json", '{"a":1}'],
    ["a list", "application/json", "[1]"],
    ["a number", "application/json", "1"],
    ["a text", "text/plain", "hello"],
    ["nothing", "text/plain", ""],
    ["bytes", "image/png", Uint8Array.from([0xff, 0, 1])],
  ])("takes %s, like no filter, and as an exclusion leaves it out", async (_, type, body) => {
    const answer = await send(ids.nothing, body, { headers: { "content-type": type } });
    expect(answer.accepted?.runs).toBe(2);
  });
});
