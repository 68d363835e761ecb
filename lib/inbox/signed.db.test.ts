import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { deleteAuthMethod } from "@/lib/domain/auth-method/delete";
import { listAuthMethods } from "@/lib/domain/auth-method/list";
import { endOldSecret, replaceSecret } from "@/lib/domain/auth-method/replace-secret";
import { revealAuthMethod } from "@/lib/domain/auth-method/reveal";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestProject, createTestUser, expectRefusal } from "@/lib/testing/fixtures";
import type { InboxHost } from "./accept";
import { accept } from "./accept";
import { inboxKeys } from "./keys";

const database = testDatabase();
const secret = "topsecret-hmac";
const bytes = '{ "action" : "opened",\n "n": 1.0 }';
let host: InboxHost;
let asked: string[] = [];

beforeAll(async () => {
  const query: InboxHost["query"] = (text, values, name) => {
    // What was refused is kept beside.
    if (name !== "inbox-keep-refused") asked.push(name ?? text);
    return database.query(text, values, name);
  };
  host = { query, ...(await inboxKeys(process.env.SECRET_KEY ?? "")), maxBodyBytes: 1_000_000 };
});

type Method = Parameters<typeof createAuthMethod>[1];

async function guardedBy(...methods: Method[]) {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const ctx = contextFor(owner, project);
  const ids: string[] = [];
  for (const method of methods) ids.push((await createAuthMethod(ctx, method)).id);
  return { ctx, project, ids };
}

async function send(
  inboxId: string,
  headers: Record<string, string>,
  {
    body = bytes,
    method = "POST",
    ...more
  }: { body?: string | Uint8Array; method?: string } & Partial<InboxHost> = {},
) {
  asked = [];
  const stream = async function* () {
    yield Buffer.from(body);
  };
  return accept(
    {
      method,
      segments: [inboxId],
      rawPath: `/i/${inboxId}`,
      search: "",
      headers,
      body: method === "POST" ? stream() : null,
    },
    { ...host, ...more },
  );
}

const hmac = (key: string | Buffer, content: string | Uint8Array) =>
  createHmac("sha256", key).update(content);
const github = (key = secret, content: string | Uint8Array = bytes) => ({
  "x-hub-signature-256": `sha256=${hmac(key, content).digest("hex")}`,
});
const signing = { type: "hmac", name: "gh", secret, onInbox: true } satisfies Method;

const count = async (projectId: string) =>
  (await database.query("select id from messages where project_id = $1", [projectId])).length;

describe("a URL whose method signs", () => {
  test("takes what is signed over its bytes, with the headers as they were", async () => {
    const { project } = await guardedBy(signing);
    const answer = await send(project.inboxId, github());
    expect(answer.status).toBe(202);
    expect(asked).toEqual(["inbox-accept", "inbox-accept"]);
    const [row] = await database.query<{ body: Buffer; headers: unknown }>(
      "select body, headers from messages where id = $1 and project_id = $2",
      [answer.accepted?.messageId, project.id],
    );
    expect([row?.body.toString(), row?.headers]).toEqual([bytes, github()]);
  });

  test.each<Partial<Method>>([
    { preset: "generic", header: "constructor" },
    { preset: "header", header: "constructor" },
    { preset: "header", header: "__proto__" },
  ])("finds none in a header that nobody sent: $preset, $header", async (scheme) => {
    const { project } = await guardedBy({ ...signing, ...scheme } as Method);
    expect((await send(project.inboxId, {})).status).toBe(401);
    expect((await send(project.inboxId, { "x-api-key": "wrong" })).status).toBe(404);
  });

  test("answers 401 without and 404 with a wrong signature, and writes nothing", async () => {
    const { project } = await guardedBy(signing);
    expect((await send(project.inboxId, {})).status).toBe(401);
    const wrong = [
      github("another-secret"),
      github(secret, `${bytes} `),
      { "x-hub-signature-256": "sha256=" },
      { "x-api-key": secret },
      { authorization: `Basic ${Buffer.from(`gh:${secret}`).toString("base64")}` },
    ];
    for (const headers of wrong) {
      expect((await send(project.inboxId, headers)).status).toBe(404);
      expect(asked).toEqual(["inbox-accept"]);
    }
    expect((await send(project.inboxId, {}, { method: "GET" })).status).toBe(401);
    expect((await send(project.inboxId, github(secret, ""), { method: "GET" })).status).toBe(200);
    expect(await count(project.id)).toBe(0);
  });

  test("verifies what was sent, not what it inflates to", async () => {
    const { project } = await guardedBy(signing);
    const body = gzipSync(bytes);
    const coded = { "content-encoding": "gzip" };
    expect((await send(project.inboxId, { ...coded, ...github(secret, body) }, { body })).status).toBe(202);
    expect((await send(project.inboxId, { ...coded, ...github() }, { body })).status).toBe(404);
  });

  test.each<[string, Method, () => Record<string, string>]>([
    ["github", { ...signing, preset: "github" }, github],
    [
      "standard_webhooks",
      { ...signing, preset: "standard_webhooks", secret: `whsec_${Buffer.from(secret).toString("base64")}` },
      () => {
        const time = String(Math.floor(Date.now() / 1000));
        const signature = hmac(secret, `m.${time}.${bytes}`).digest("base64");
        return { "webhook-id": "m", "webhook-timestamp": time, "webhook-signature": `v1,${signature}` };
      },
    ],
    [
      "stripe",
      { ...signing, preset: "stripe" },
      () => {
        const time = Math.floor(Date.now() / 1000);
        return { "stripe-signature": `t=${time},v1=${hmac(secret, `${time}.${bytes}`).digest("hex")}` };
      },
    ],
    [
      "generic",
      {
        ...signing,
        preset: "generic",
        header: "X-Sig",
        algorithm: "sha1",
        encoding: "base64",
        prefix: "s1 ",
      },
      () => ({ "x-sig": `s1 ${createHmac("sha1", secret).update(bytes).digest("base64")}` }),
    ],
    [
      "generic, as it is",
      { ...signing, preset: "generic", header: "X-Sig" },
      () => ({ "x-sig": hmac(secret, bytes).digest("hex") }),
    ],
  ])("lets in what is signed as its preset says: %s", async (_, method, sign) => {
    const { project } = await guardedBy(method);
    expect((await send(project.inboxId, sign())).status).toBe(202);
    expect((await send(project.inboxId, sign(), { body: "{}" })).status).toBe(404);
  });

  test("takes any one of its methods: the new secret beside the old, a key beside a signature", async () => {
    const { project } = await guardedBy(
      signing,
      { ...signing, name: "next", secret: "next-secret" },
      { type: "api", name: "key", apiKey: "sender-key", onInbox: true },
    );
    for (const headers of [github(), github("next-secret"), { "x-api-key": "sender-key" }])
      expect((await send(project.inboxId, headers)).status).toBe(202);
    expect((await send(project.inboxId, github("neither"))).status).toBe(404);
  });

  describe.each<[Method["type"], Method, (key: string) => Record<string, string>]>([
    ["hmac", signing, github],
    ["api", { type: "api", name: "k", apiKey: secret, onInbox: true }, (key) => ({ "x-api-key": key })],
    [
      "basic",
      { type: "basic", name: "b", username: "u", password: secret, onInbox: true },
      (key) => ({ authorization: `Basic ${Buffer.from(`u:${key}`).toString("base64")}` }),
    ],
  ])("the old secret of a method of type %s", (_, method, bring) => {
    const hour = () => new Date(Date.now() + 3_600_000).toISOString();
    const status = async (inboxId: string, key: string) => (await send(inboxId, bring(key))).status;

    test("counts beside the new one until its moment", async () => {
      const { ctx, project, ids } = await guardedBy(method);
      const oldEndsAt = hour();
      await replaceSecret(ctx, { authMethodId: ids[0] ?? "", secret: "next-secret", oldEndsAt });
      expect([await status(project.inboxId, secret), await status(project.inboxId, "next-secret")]).toEqual([
        202, 202,
      ]);
      expect(await status(project.inboxId, "neither-secret")).toBe(404);
      expect((await listAuthMethods(ctx)).items).toMatchObject([{ oldEndsAt }]);
      expect((await revealAuthMethod(ctx, { authMethodId: ids[0] ?? "" })).secret).toBe("next-secret");
      await database.query(
        "update auth_methods set old_ends_at = now() - interval '1 second' where id = $1",
        ids,
      );
      expect([await status(project.inboxId, secret), await status(project.inboxId, "next-secret")]).toEqual([
        404, 202,
      ]);
      expect((await listAuthMethods(ctx)).items).toMatchObject([{ oldEndsAt: null }]);
    });

    test("ends at once where nothing else is said, when it is ended, and when a third one comes", async () => {
      const { ctx, project, ids } = await guardedBy(method);
      const authMethodId = ids[0] ?? "";
      await replaceSecret(ctx, { authMethodId, secret: "second-secret", oldEndsAt: null });
      expect(await status(project.inboxId, secret)).toBe(404);
      await replaceSecret(ctx, { authMethodId, secret: "third-secret", oldEndsAt: hour() });
      expect(await status(project.inboxId, "second-secret")).toBe(202);
      await replaceSecret(ctx, { authMethodId, secret: "fourth-secret", oldEndsAt: hour() });
      expect([
        await status(project.inboxId, "second-secret"),
        await status(project.inboxId, "third-secret"),
      ]).toEqual([404, 202]);
      await endOldSecret(ctx, { authMethodId, oldEndsAt: null });
      expect([
        await status(project.inboxId, "third-secret"),
        await status(project.inboxId, "fourth-secret"),
      ]).toEqual([404, 202]);
      await expectRefusal(endOldSecret(ctx, { authMethodId, oldEndsAt: hour() }), "conflict");
    });
  });

  test("keeps a secret that stands in a header out of the message, whatever let it in", async () => {
    const { project } = await guardedBy(
      { ...signing, name: "token", preset: "header", header: "X-Token" },
      { type: "api", name: "key", apiKey: "sender-key", onInbox: true },
    );
    for (const headers of [{ "x-token": secret }, { "x-token": secret, "x-api-key": "sender-key" }]) {
      const answer = await send(project.inboxId, headers);
      const [row] = await database.query<{ headers: Record<string, string> }>(
        "select headers from messages where id = $1",
        [answer.accepted?.messageId],
      );
      expect(row?.headers).toEqual(
        Object.fromEntries(Object.keys(headers).map((name) => [name, "[REDACTED]"])),
      );
    }
  });

  test("verifies Twilio's signature over the address that senders use, whatever proxy is between", async () => {
    const { project } = await guardedBy({ ...signing, preset: "twilio" });
    const form = "Body=Hello&From=%2B1";
    const sign = (origin: string) => ({
      "content-type": "application/x-www-form-urlencoded",
      host: "10.0.0.5:3000",
      "x-forwarded-host": "evil.example",
      "x-twilio-signature": createHmac("sha1", secret)
        .update(`${origin}/i/${project.inboxId}BodyHelloFrom+1`)
        .digest("base64"),
    });
    const as = (origin: string) =>
      send(project.inboxId, sign(origin), { body: form, origin: "https://waybill.example.org" });
    expect((await as("https://waybill.example.org")).status).toBe(202);
    expect((await as("https://evil.example")).status).toBe(404);
    expect((await as("http://10.0.0.5:3000")).status).toBe(404);
  });

  test("refuses what was verified by a secret that has changed or gone since", async () => {
    const { ctx, project, ids } = await guardedBy(signing, {
      type: "api",
      name: "key",
      apiKey: "sender-key",
      onInbox: true,
    });
    const between =
      (change: () => Promise<unknown>): InboxHost["query"] =>
      async (text, values, name) => {
        const rows = await host.query<never>(text, values, name);
        if (asked.length === 1) await change();
        return rows;
      };
    const replaced = between(() =>
      database.query("update auth_methods set digest = 'new' where id = $1 and project_id = $2", [
        ids[0],
        project.id,
      ]),
    );
    expect((await send(project.inboxId, github(), { query: replaced })).status).toBe(404);
    expect(asked).toHaveLength(2);
    const deleted = between(() => deleteAuthMethod(ctx, { authMethodId: ids[0] ?? "" }));
    expect((await send(project.inboxId, github(), { query: deleted })).status).toBe(404);
    expect(await count(project.id)).toBe(0);
  });

  test("is shut, not open, for a door with another SECRET_KEY", async () => {
    const { project } = await guardedBy(signing);
    const other = await inboxKeys("o".repeat(40));
    expect((await send(project.inboxId, github(), other)).status).toBe(404);
  });

  test("never opens a secret that was copied to another project", async () => {
    const { project } = await guardedBy(signing);
    const stranger = await guardedBy({ ...signing, secret: "strangers-secret" });
    await database.query(
      `update auth_methods a set signature_secret = b.signature_secret from auth_methods b
       where a.project_id = $1 and b.project_id = $2`,
      [project.id, stranger.project.id],
    );
    expect((await send(project.inboxId, github("strangers-secret"))).status).toBe(404);
  });
});

test("URLs without such methods are one statement, whatever is signed", async () => {
  const open = await guardedBy({ ...signing, onInbox: false });
  expect((await send(open.project.inboxId, github("anything"))).status).toBe(202);
  expect(asked).toEqual(["inbox-accept"]);
  const keyed = await guardedBy({ type: "api", name: "key", apiKey: "sender-key", onInbox: true });
  expect((await send(keyed.project.inboxId, github())).status).toBe(401);
  expect(asked).toEqual(["inbox-accept"]);
  expect((await send(keyed.project.inboxId, { "x-api-key": "sender-key" })).status).toBe(202);
  expect(asked).toEqual(["inbox-accept"]);
});

describe("the secret that senders sign with", () => {
  test("is shown to who may see it, and is nowhere else", async () => {
    const { ctx, ids } = await guardedBy(signing);
    expect(await revealAuthMethod(ctx, { authMethodId: ids[0] ?? "" })).toEqual({ username: null, secret });
    expect((await listAuthMethods(ctx)).items).toMatchObject([
      { type: "hmac", username: null, signature: { preset: "github" } },
    ]);
    const rows = [
      await listAuthMethods(ctx),
      await database.query("select * from auth_methods where project_id = $1", [ctx.project.id]),
      await database.query("select * from audit_events where project_id = $1", [ctx.project.id]),
    ];
    for (const form of [secret, Buffer.from(secret).toString("base64"), Buffer.from(secret).toString("hex")])
      expect(JSON.stringify(rows)).not.toContain(form);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ preset: "generic" }, /Enter the header/],
    [{ preset: "generic", header: "x sig" }, /name of a header/],
    [{ preset: "github", header: "x-sig" }, /Only the preset generic/],
    [{ prefix: "sha256=" }, /Only the preset generic/],
    [{ preset: "standard_webhooks", secret: "not base64!" }, /whsec_/],
    [{ secret: "short" }, /8 characters/],
    [{ preset: "gitlab" }, /preset/],
  ])("is refused where nobody could sign with it: %j", async (fields, sentence) => {
    await expect(guardedBy({ ...signing, ...fields } as Method)).rejects.toThrow(sentence);
  });
});
