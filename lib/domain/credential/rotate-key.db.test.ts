import { randomBytes, randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import type { Database } from "@/db/client";
import { testConnect } from "@/lib/testing/database";

const secretKey = "rotation-secret-rotation-secret-rotation-secret";
const first = randomBytes(32).toString("base64");
const second = randomBytes(32).toString("base64");
const name = `rotate_${randomBytes(4).toString("hex")}`;
let admin: pg.Client;
let data: Database;

/** The command concerns every secret of a database: it gets one of its own, away from the other suites' keys. */
beforeAll(async () => {
  admin = new pg.Client(inject("databaseUrl"));
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(inject("databaseUrl"));
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  await migrate(drizzle(pool), { migrationsFolder: "db/migrations" });
  await pool.end();
  data = testConnect(url.href, { max: 4 });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await data.close();
  await admin.query(`drop database ${name}`);
  await admin.end();
});

beforeEach(() => data.query("truncate users, projects, audit_events, stored_states, payloads cascade"));

/** The code as a process sees it that was started with this CREDENTIAL_KEY. */
async function withKeys(credentialKey: string) {
  vi.resetModules();
  vi.stubEnv("SECRET_KEY", secretKey);
  vi.stubEnv("CREDENTIAL_KEY", credentialKey);
  const { openBody, sealBody } = await import("./body");
  const { open, newestPrefix, seal } = await import("@/lib/crypto/envelope");
  const { secretContext } = await import("@/lib/domain/auth-method/create");
  const { openSecret, sealSecret } = await import("@/lib/domain/second-factor/secret");
  const { rotateCredentialKey } = await import("./rotate-key");
  const { openState, sealState } = await import("@/lib/state/sealed");
  const payload = await import("@/lib/payloads/sealed");
  const { openKeys, personContext, sealKeys } = await import("@/lib/domain/person/keys");
  const openExcerpt = (projectId: string, excerpt: string) => open(excerpt, personContext(projectId));
  const store = async (credentials: number, methods: number, hasFactor = false) => {
    const [user] = await data.query<{ id: string }>(
      "insert into users (email, name) values ($1, 'Ada') returning id",
      [`${randomUUID()}@example.org`],
    );
    const [project] = await data.query<{ id: string }>(
      "insert into projects (name) values ($1) returning id",
      [`project-${randomUUID().slice(0, 8)}`],
    );
    if (!user || !project) throw new Error("Not inserted.");
    for (let n = 0; n < credentials; n++) {
      const id = randomUUID();
      await data.query("insert into credentials (id, owner_id, name, body) values ($1, $2, $3, $4)", [
        id,
        user.id,
        `credential ${n}`,
        sealBody(id, { password: `of ${id}` }),
      ]);
    }
    if (hasFactor)
      await data.query("insert into second_factors (user_id, secret) values ($1, $2)", [
        user.id,
        sealSecret(user.id, `of ${user.id}`),
      ]);
    for (let n = 0; n < methods; n++)
      await data.query(
        "insert into auth_methods (project_id, name, type, secret, digest) values ($1, $2, 'api', $3, $2)",
        [project.id, `key ${n}`, seal(`of key ${n}`, secretContext(project.id, `key ${n}`))],
      );
  };
  /** Opens everything that is stored; throws when anything was lost. Returns how many the newest key sealed. */
  const openAll = async () => {
    const bodies = await data.query<{ id: string; body: string }>("select id, body from credentials");
    for (const { id, body } of bodies) expect(openBody(id, body)).toEqual({ password: `of ${id}` });
    const methods = await data.query<{ project_id: string; name: string; secret: string }>(
      "select project_id, name, secret from auth_methods",
    );
    for (const method of methods)
      expect(open(method.secret, secretContext(method.project_id, method.name))).toBe(`of ${method.name}`);
    const factors = await data.query<{ user_id: string; secret: string }>(
      "select user_id, secret from second_factors",
    );
    for (const factor of factors)
      expect(openSecret(factor.user_id, factor.secret)).toBe(`of ${factor.user_id}`);
    const all = [
      ...factors.map((row) => row.secret),
      ...bodies.map((row) => row.body),
      ...methods.map((row) => row.secret),
    ];
    return all.filter((envelope) => envelope.startsWith(newestPrefix())).length;
  };
  const rotate = () => rotateCredentialKey(data.db, { batchSize: 2 });
  return {
    store,
    openAll,
    rotate,
    openState,
    sealState,
    openBody,
    sealBody,
    openKeys,
    sealKeys,
    payload,
    openExcerpt,
  };
}

test("what credentials are in environments is sealed again, too", async () => {
  const before = await withKeys(first);
  await before.store(1, 0);
  const [row] = await data.query<{ id: string }>("select id from credentials");
  const id = row?.id ?? "";
  const envs = ["dev", "staging", "test"];
  for (const env of envs)
    await data.query("insert into credential_bodies (credential_id, env, body) values ($1, $2, $3)", [
      id,
      env,
      before.sealBody(id, { password: `of ${env}` }, env),
    ]);
  const both = await withKeys(`${second},${first}`);
  expect(await both.rotate()).toMatchObject({ credentials: 1, environments: 3, alreadyCurrent: 0 });
  const after = await withKeys(second);
  const rows = await data.query<{ env: string; body: string }>("select env, body from credential_bodies");
  for (const { env, body } of rows) {
    expect(after.openBody(id, body, env)).toEqual({ password: `of ${env}` });
    // One that was moved to another environment, by whoever can write to the database, does not open.
    for (const other of [null, ...envs.filter((one) => one !== env)])
      expect(() => after.openBody(id, body, other)).toThrow();
  }
  expect(rows).toHaveLength(3);
  expect(await after.rotate()).toMatchObject({ credentials: 0, alreadyCurrent: 4 });
});

test("states that hold values of credentials are sealed again, too", async () => {
  const before = await withKeys(first);
  await before.store(0, 0);
  await data.query(
    "insert into dataclips (project_id, type, body, sealed, size) select id, 'step_result', '{}', null, 2 from projects",
  );
  const [project] = await data.query<{ id: string }>("select id from projects");
  const id = project?.id ?? "";
  const states = ["a", "b", "c"].map((text) => ({ text, hidden: [text] }));
  for (const state of states)
    await data.query(
      "insert into dataclips (project_id, type, body, sealed, size) values ($1, 'step_result', '***', $2, 1)",
      [id, before.sealState(id, state)],
    );
  const both = await withKeys(`${second},${first}`);
  expect(await both.rotate()).toEqual({
    credentials: 0,
    environments: 0,
    authMethods: 0,
    secondFactors: 0,
    noticeChannels: 0,
    states: 3,
    oauthClients: 0,
    oauthConsents: 0,
    payloads: 0,
    persons: 0,
    personItems: 0,
    alreadyCurrent: 0,
  });
  const after = await withKeys(second);
  const rows = await data.query<{ sealed: string }>("select sealed from dataclips where sealed is not null");
  // Ids of one millisecond are in no order.
  const opened = rows.map(({ sealed }) => after.openState(id, sealed));
  expect(opened.sort((one, other) => (one.text < other.text ? -1 : 1))).toEqual(states);
  expect(() => after.openState(randomUUID(), rows[0]?.sealed ?? "")).toThrow();
});

test("keys of what lies apart are sealed again: the objects stay as they are, and open", async () => {
  const before = await withKeys(first);
  await before.store(0, 0);
  const [project] = await data.query<{ id: string }>("select id from projects");
  const projectId = project?.id ?? "";
  const bytes = randomBytes(100);
  const digest = before.payload.digestOf(projectId, bytes);
  const [row] = await data.query<{ id: string; sealedKey: string }>(
    `insert into payloads (project_id, digest, sealed_key, size) values ($1, $2, $3, 100) returning id, sealed_key as "sealedKey"`,
    [projectId, digest, before.payload.newSealedKey(projectId)],
  );
  const of = { id: row?.id ?? "", projectId, digest };
  const object = before.payload.sealBytes({ ...of, sealedKey: row?.sealedKey ?? "" }, bytes);
  expect(await (await withKeys(`${second},${first}`)).rotate()).toMatchObject({ payloads: 1 });
  const after = await withKeys(second);
  const [now] = await data.query<{ sealedKey: string }>(`select sealed_key as "sealedKey" from payloads`);
  expect(after.payload.openBytes({ ...of, sealedKey: now?.sealedKey ?? "" }, object).equals(bytes)).toBe(
    true,
  );
  expect(after.payload.digestOf(projectId, bytes).equals(digest)).toBe(true);
  const moved = { ...of, projectId: randomUUID(), sealedKey: now?.sealedKey ?? "" };
  expect(() => after.payload.openBytes(moved, object)).toThrow();
});

test("what a person is known by whose data is looked for is sealed again, for its project alone", async () => {
  const before = await withKeys(first);
  await before.store(0, 0);
  const [project] = await data.query<{ id: string }>("select id from projects");
  const id = project?.id ?? "";
  const keys = [{ text: "Amina", isPart: false }];
  await data.query(
    `insert into person_requests (project_id, state, sealed, key_count, until, created_by_label)
     values ($1, 'found', $2, 1, uuid_v7(), 'Ada'), ($1, 'wiped', null, 1, uuid_v7(), 'Ada')`,
    [id, before.sealKeys(id, keys)],
  );
  await data.query(
    `insert into person_items (request_id, project_id, kind, item_id, via, places, at, excerpt)
     select r.id, $1, 'message', uuid_v7(), 'found', '{body}', now(), $2 from person_requests r, generate_series(1, 3)`,
    [id, before.sealKeys(id, keys)],
  );
  const both = await withKeys(`${second},${first}`);
  expect(await both.rotate()).toMatchObject({ persons: 1, personItems: 6, alreadyCurrent: 0 });
  const after = await withKeys(second);
  const [row] = await data.query<{ sealed: string }>(
    "select sealed from person_requests where sealed is not null",
  );
  expect(after.openKeys(id, row?.sealed ?? "")).toEqual(keys);
  expect(() => after.openKeys(randomUUID(), row?.sealed ?? "")).toThrow();
  for (const { excerpt } of await data.query<{ excerpt: string }>("select excerpt from person_items"))
    expect(after.openExcerpt(id, excerpt)).toContain("Amina");
  await data.query("truncate person_requests, person_items");
});

test("seals old secrets with the newest key, which then opens them alone; a second time there is nothing to do", async () => {
  await (await withKeys("")).store(3, 1);
  await (await withKeys(first)).store(2, 2);
  const both = await withKeys(`${second},${first}`);
  await both.store(1, 0);
  expect(await both.openAll()).toBe(1);
  expect(await both.rotate()).toEqual({
    credentials: 5,
    environments: 0,
    authMethods: 3,
    secondFactors: 0,
    noticeChannels: 0,
    states: 0,
    oauthClients: 0,
    oauthConsents: 0,
    payloads: 0,
    persons: 0,
    personItems: 0,
    alreadyCurrent: 1,
  });
  expect(await (await withKeys(second)).openAll()).toBe(9);
  expect(await (await withKeys(second)).rotate()).toEqual({
    credentials: 0,
    environments: 0,
    authMethods: 0,
    states: 0,
    oauthClients: 0,
    oauthConsents: 0,
    payloads: 0,
    persons: 0,
    personItems: 0,
    secondFactors: 0,
    noticeChannels: 0,
    alreadyCurrent: 9,
  });
  const events = await data.query("select after from audit_events where event = 'credential_key.rotate'");
  expect(events.length).toBe(5);
});

test("interrupted in the middle of a batch it loses nothing, and goes on where it was", async () => {
  await (await withKeys(first)).store(5, 0);
  await data.query(
    `create function stop() returns trigger language plpgsql as $$ begin
       if new.id = (select id from credentials order by id offset 3 limit 1) then raise 'power cut'; end if; return new; end $$`,
  );
  await data.query("create trigger stop before update on credentials for each row execute function stop()");
  const both = await withKeys(`${second},${first}`);
  await expect(both.rotate()).rejects.toThrow();
  expect(await both.openAll()).toBe(2);
  await data.query("drop function stop cascade");
  expect(await both.rotate()).toEqual({
    credentials: 3,
    environments: 0,
    authMethods: 0,
    secondFactors: 0,
    noticeChannels: 0,
    states: 0,
    oauthClients: 0,
    oauthConsents: 0,
    payloads: 0,
    persons: 0,
    personItems: 0,
    alreadyCurrent: 2,
  });
  expect(await (await withKeys(second)).openAll()).toBe(5);
});

test("a secret whose key is gone is named and left as it is, the others are done", async () => {
  await (await withKeys(first)).store(1, 0);
  await (await withKeys("")).store(2, 1);
  const without = await withKeys(second);
  await expect(without.rotate()).rejects.toThrow(/1 of the stored secrets .* Add it to CREDENTIAL_KEY/);
  const both = await withKeys(`${second},${first}`);
  expect(await both.openAll()).toBe(3);
  expect(await both.rotate()).toEqual({
    credentials: 1,
    environments: 0,
    authMethods: 0,
    secondFactors: 0,
    noticeChannels: 0,
    states: 0,
    oauthClients: 0,
    oauthConsents: 0,
    payloads: 0,
    persons: 0,
    personItems: 0,
    alreadyCurrent: 3,
  });
});

test("second factors are sealed anew too, each for its person", async () => {
  await (await withKeys(first)).store(0, 0, true);
  await (await withKeys(first)).store(1, 0, true);
  const both = await withKeys(`${second},${first}`);
  await both.store(0, 0, true);
  expect(await both.rotate()).toEqual({
    credentials: 1,
    environments: 0,
    authMethods: 0,
    secondFactors: 2,
    noticeChannels: 0,
    states: 0,
    oauthClients: 0,
    oauthConsents: 0,
    payloads: 0,
    persons: 0,
    personItems: 0,
    alreadyCurrent: 1,
  });
  expect(await (await withKeys(second)).openAll()).toBe(4);
});
