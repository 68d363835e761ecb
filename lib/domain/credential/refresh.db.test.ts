import { randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { credentialRefreshes, credentials, projects } from "@/db/schema";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { testConnect, testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  userContextFor,
} from "@/lib/testing/fixtures";
import { createCredential } from "./create";
import { deleteCredentialEnvironment } from "./environment/delete";
import { getCredentialEnvironment } from "./environment/get";
import { setCredentialEnvironment } from "./environment/set";
import { getCredential } from "./get";
import { openCredential, openStoredCredential } from "./open";
import { shareCredential } from "./share";
import { updateCredential } from "./update";

type Answer = { status?: number; body: unknown };
type Asked = Record<string, string>;

const { db } = testDatabase();
const asked: Asked[] = [];
let answer: (form: Asked) => Answer | Promise<Answer>;
let server: http.Server;
let tokenUrl: string;
let policy: EgressPolicy;

beforeAll(async () => {
  server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    asked.push(form);
    const { status = 200, body } = await answer(form);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  tokenUrl = `http://127.0.0.1:${port}/token`;
  policy = new EgressPolicy({ allow: [`127.0.0.1:${port}`] });
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  asked.length = 0;
  answer = () => ({ body: { access_token: "new-access", refresh_token: "new-refresh", expires_in: 3600 } });
});

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const grant = (values: Record<string, unknown> = {}) => ({
  access_token: "old-access",
  refresh_token: "old-refresh",
  token_url: tokenUrl,
  client_id: "client",
  client_secret: "s3cret-of-the-client",
  expires_at: inSeconds(240),
  region: "eu",
  ...values,
});

async function shared(body: Record<string, unknown>) {
  const user = await createTestUser();
  const project = await createTestProject({ owner: user });
  const owner = userContextFor(user);
  const name = `OAuth ${randomBytes(4).toString("hex")}`;
  const { id } = await createCredential(owner, { name, body: JSON.parse(JSON.stringify(body)) });
  const link = await shareCredential(contextFor(user, project), { credentialId: id });
  return {
    id,
    name,
    owner,
    open: () => openCredential(db, link.id, project.id, policy),
    openStored: () => openStoredCredential(db, link.id, project.id),
    link,
    project,
  };
}

test("with fewer than five minutes left it is renewed, stored sealed, and audited without secrets", async () => {
  const { id, owner, open } = await shared(grant());
  const { body } = await open();
  expect(body).toMatchObject({ access_token: "new-access", refresh_token: "new-refresh", region: "eu" });
  expect(body.expires_at).toBeGreaterThan(inSeconds(3500));
  expect(asked).toEqual([
    {
      grant_type: "refresh_token",
      refresh_token: "old-refresh",
      client_id: "client",
      client_secret: "s3cret-of-the-client",
    },
  ]);
  expect((await getCredential(owner, { credentialId: id })).body).toEqual(body);
  const [row] = await db.select({ body: credentials.body }).from(credentials).where(eq(credentials.id, id));
  expect(row?.body).toMatch(/^v1:/);
  const event = await expectAudit("credential.refresh", id);
  expect(event).toMatchObject({ actorType: "system", before: null, after: null });
  expect(await open()).toMatchObject({ body });
  expect(asked).toHaveLength(1);
});

test("with more time left, without an expiry, or for a dry look nobody is asked", async () => {
  for (const values of [{ expires_at: inSeconds(400) }, { expires_at: undefined }, { refresh_token: "" }]) {
    const { open } = await shared(grant(values));
    expect((await open()).body.access_token).toBe("old-access");
  }
  const { openStored } = await shared(grant({ expires_at: inSeconds(-10) }));
  expect((await openStored()).body.access_token).toBe("old-access");
  expect(asked).toEqual([]);
});

test.each([
  ["an ISO date", () => new Date(Date.now() + 60_000).toISOString(), /^\d{4}-.*Z$/],
  ["milliseconds", () => Date.now() + 60_000, /^\d{13}$/],
  ["seconds in a text", () => String(inSeconds(60)), /^\d{10}$/],
  ["a life without a beginning", () => undefined, /^\d{10}$/],
])(
  "understands %s, oauth.token_url, and a server that keeps the refresh token",
  async (_, expiresAt, form) => {
    answer = () => ({ body: { access_token: "new-access", expires_in: "7200" } });
    const { open } = await shared(
      grant({
        token_url: undefined,
        oauth: { token_url: tokenUrl },
        expires_in: 3600,
        expires_at: expiresAt(),
      }),
    );
    const { body } = await open();
    expect(body).toMatchObject({
      access_token: "new-access",
      refresh_token: "old-refresh",
      expires_in: 7200,
    });
    expect(String(body.expires_at)).toMatch(form);
  },
);

test("a token that lives five minutes is not renewed for every step", async () => {
  answer = () => ({ body: { access_token: "short", expires_in: 300 } });
  const { open } = await shared(grant());
  await open();
  await open();
  expect(asked).toHaveLength(1);
});

test("steps that need it at once, in two processes, renew it once", async () => {
  const { open, link, project } = await shared(grant());
  answer = async ({ refresh_token }) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return refresh_token === "old-refresh"
      ? { body: { access_token: "new-access", refresh_token: "new-refresh", expires_in: 3600 } }
      : { status: 400, body: { error: "invalid_grant" } };
  };
  vi.resetModules();
  const other = await import("./open");
  const opened = await Promise.all([
    ...Array.from({ length: 5 }, open),
    ...Array.from({ length: 5 }, () => other.openCredential(db, link.id, project.id, policy)),
  ]);
  expect(new Set(opened.map(({ body }) => body.access_token))).toEqual(new Set(["new-access"]));
  expect(asked).toHaveLength(1);
});

test("a token server that keeps everybody waiting holds no connection of the pool", async () => {
  const soon = Array.from({ length: 10 }, () => shared(grant()));
  const expiring = await Promise.all(soon);
  let answerAll = () => {};
  const isTime = new Promise<void>((resolve) => {
    answerAll = resolve;
  });
  answer = async () => {
    await isTime;
    return { body: { access_token: "new-access", expires_in: 3600 } };
  };
  const pool = testConnect(inject("databaseUrl"), { max: 2 });
  try {
    const opened = expiring.map(({ link, project }) => openCredential(pool.db, link.id, project.id, policy));
    await vi.waitFor(() => expect(asked).toHaveLength(expiring.length), { timeout: 9_000 });
    expect(await pool.query("select 1 as one")).toEqual([{ one: 1 }]);
    answerAll();
    const tokens = (await Promise.all(opened)).map(({ body }) => body.access_token);
    expect(tokens).toEqual(expiring.map(() => "new-access"));
  } finally {
    await pool.close();
  }
});

const claimOf = (credentialId: string, expiresAt: Date) => ({
  credentialId,
  claim: "00000000-0000-4000-8000-000000000000",
  expiresAt,
});

test("who died while it asked is taken over from when its lease has run out, and nobody else meanwhile", async () => {
  const { id, open } = await shared(grant());
  const ends = new Date(Date.now() + 400);
  await db.insert(credentialRefreshes).values(claimOf(id, ends));
  answer = () => {
    expect(Date.now()).toBeGreaterThanOrEqual(ends.getTime());
    return { body: { access_token: "new-access", expires_in: 3600 } };
  };
  expect((await open()).body.access_token).toBe("new-access");
  expect(asked).toHaveLength(1);
  expect(await db.$count(credentialRefreshes, eq(credentialRefreshes.credentialId, id))).toBe(0);
});

test("what another process stores is used, without asking again", async () => {
  const { id, owner, open } = await shared(grant());
  await db.insert(credentialRefreshes).values(claimOf(id, new Date(Date.now() + 60_000)));
  const opened = open();
  const body = { ...grant({ access_token: "theirs", refresh_token: "next", expires_at: inSeconds(3600) }) };
  await updateCredential(owner, { credentialId: id, body });
  expect((await opened).body.access_token).toBe("theirs");
  expect(asked).toEqual([]);
});

test("a new token is stored although its lease ran out: the one that it was asked with may be spent", async () => {
  const { id, owner, open } = await shared(grant());
  answer = async () => {
    await db.delete(credentialRefreshes).where(eq(credentialRefreshes.credentialId, id));
    return { body: { access_token: "new-access", refresh_token: "new-refresh", expires_in: 3600 } };
  };
  await open();
  expect((await getCredential(owner, { credentialId: id })).body.refresh_token).toBe("new-refresh");
});

test("an edit while the server is asked is kept", async () => {
  const { id, owner, open } = await shared(grant());
  answer = async () => {
    const body = { ...grant({ refresh_token: "mine", access_token: "mine", expires_at: inSeconds(999) }) };
    await updateCredential(owner, { credentialId: id, body });
    return { body: { access_token: "new-access", expires_in: 3600 } };
  };
  expect((await open()).body.access_token).toBe("mine");
});

test("each environment's tokens are renewed and stored by themselves", async () => {
  const { id, owner, open, project } = await shared(grant());
  const body = JSON.parse(JSON.stringify(grant({ access_token: "staging", refresh_token: "of-staging" })));
  await setCredentialEnvironment(owner, { credentialId: id, env: "staging", body });
  answer = ({ refresh_token }) => ({ body: { access_token: `after ${refresh_token}`, expires_in: 3600 } });
  const inEnv = async (env: string | null) => {
    await db.update(projects).set({ env }).where(eq(projects.id, project.id));
    return (await open()).body.access_token;
  };
  expect(await inEnv("staging")).toBe("after of-staging");
  expect((await getCredential(owner, { credentialId: id })).body.access_token).toBe("old-access");
  expect(await inEnv(null)).toBe("after old-refresh");
  const kept = await getCredentialEnvironment(owner, { credentialId: id, env: "staging" });
  expect(kept.body).toMatchObject({
    access_token: "after of-staging",
    refresh_token: "of-staging",
    region: "eu",
  });
  expect(await inEnv("staging")).toBe("after of-staging");
  expect(asked.map((form) => form.refresh_token)).toEqual(["of-staging", "old-refresh"]);
  // A failure of the one is not taken for one of the other.
  answer = () => ({ status: 503, body: {} });
  const soon = JSON.parse(JSON.stringify(grant({ access_token: "soon" })));
  await setCredentialEnvironment(owner, { credentialId: id, env: "staging", body: soon });
  expect(await inEnv("staging")).toBe("soon");
  answer = () => ({ body: { access_token: "new-access", expires_in: 3600 } });
  await updateCredential(owner, { credentialId: id, body: soon });
  expect(await inEnv(null)).toBe("new-access");
});

test("that an environment's tokens are not renewed is told of it, until they are", async () => {
  const { id, owner, open, project } = await shared(grant({ expires_at: inSeconds(3600) }));
  const body = JSON.parse(JSON.stringify(grant({ expires_at: inSeconds(-5) })));
  await setCredentialEnvironment(owner, { credentialId: id, env: "staging", body });
  await db.update(projects).set({ env: "staging" }).where(eq(projects.id, project.id));
  const problem = async () =>
    (await db.select({ is: credentials.renewalProblem }).from(credentials).where(eq(credentials.id, id)))[0]
      ?.is;
  answer = () => ({ status: 503, body: {} });
  await expectRefusal(open(), "unavailable");
  expect(await problem()).toBe("in staging, the token server answered 503");
  answer = () => ({ body: { access_token: "new-access", expires_in: 3600 } });
  expect((await open()).body.access_token).toBe("new-access");
  expect(await problem()).toBeNull();
  // That of another environment stays.
  await db.update(credentials).set({ renewalProblem: "it was refused" }).where(eq(credentials.id, id));
  await setCredentialEnvironment(owner, { credentialId: id, env: "staging", body });
  await open();
  expect(await problem()).toBe("it was refused");
});

test("an environment that is edited, or deleted, while the server is asked stays as its owner left it", async () => {
  const { id, owner, open, project } = await shared(grant());
  const at = { credentialId: id, env: "staging" };
  const bodyWith = (values: object) => JSON.parse(JSON.stringify(grant(values as Record<string, unknown>)));
  await setCredentialEnvironment(owner, { ...at, body: bodyWith({}) });
  await db.update(projects).set({ env: "staging" }).where(eq(projects.id, project.id));
  answer = async () => {
    const body = bodyWith({ refresh_token: "mine", access_token: "mine", expires_at: inSeconds(999) });
    await setCredentialEnvironment(owner, { ...at, body });
    return { body: { access_token: "new-access", expires_in: 3600 } };
  };
  expect((await open()).body.access_token).toBe("mine");
  await setCredentialEnvironment(owner, { ...at, body: bodyWith({ expires_at: inSeconds(-5) }) });
  answer = async () => {
    await deleteCredentialEnvironment(owner, at);
    return { body: { access_token: "new-access", expires_in: 3600 } };
  };
  await expectRefusal(open(), "unavailable");
  await expectRefusal(getCredentialEnvironment(owner, at), "not_found");
});

test("when renewing fails, a token that is still good is used, and the server is left alone for a while", async () => {
  answer = () => ({ status: 503, body: {} });
  const { open } = await shared(grant());
  expect((await open()).body.access_token).toBe("old-access");
  expect((await open()).body.access_token).toBe("old-access");
  expect(asked).toHaveLength(1);
});

test("when it has expired, a sentence says why and holds no secret", async () => {
  const expired = grant({ expires_at: inSeconds(-5) });
  answer = (form) => ({
    status: 400,
    body: { error: "invalid_grant", error_description: JSON.stringify(form) },
  });
  const refused = await shared(expired);
  const { message } = await expectRefusal(refused.open(), "unavailable");
  expect(message).toBe(
    `The access token of the credential ${refused.name} has expired and was not renewed: the token server answered 400 (invalid_grant). Sign in to the service again and update the credential.`,
  );
  answer = (form) => ({ status: 401, body: { error: form.client_secret } });
  const echoed = await expectRefusal((await shared(expired)).open(), "unavailable");
  expect(echoed.message).toContain("answered 401. ");
  answer = () => ({ body: { token: "x" } });
  const empty = await expectRefusal((await shared(expired)).open(), "unavailable");
  expect(empty.message).toContain("holds no access token");
});

test("the token address is under the operator's rules for addresses", async () => {
  policy = new EgressPolicy();
  const { open } = await shared(grant({ expires_at: inSeconds(-5) }));
  const { message } = await expectRefusal(open(), "unavailable");
  expect(message).toContain("EGRESS_ALLOW");
  expect(asked).toEqual([]);
});
