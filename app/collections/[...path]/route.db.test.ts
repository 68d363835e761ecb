import { randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { readRunToken, signRunToken } from "@/lib/collections/run-token";
import { createCollections } from "@/lib/domain/collection/create";
import { putItems } from "@/lib/domain/collection/put-items";
import type { Context } from "@/lib/domain/context";
import { setProtection } from "@/lib/domain/mask/set";
import { createToken } from "@/lib/domain/token/create";
import { createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import type { TokenScope } from "@/lib/words";
import { DELETE, GET, POST, PUT } from "./route";

const database = testDatabase();
const routes = { DELETE, GET, POST, PUT };
type Method = keyof typeof routes;

/** What each answer may say, and nothing else. */
const answers = {
  item: z.strictObject({
    key: z.string(),
    value: z.string(),
    created: z.iso.datetime({ precision: 6 }),
    updated: z.iso.datetime({ precision: 6 }),
  }),
  put: z.strictObject({ upserted: z.number().int(), error: z.null() }),
  notPut: z.strictObject({ upserted: z.literal(0), error: z.string() }),
  gone: z.strictObject({ key: z.string().nullable(), deleted: z.number().int(), error: z.null() }),
  notGone: z.strictObject({ key: z.string(), deleted: z.literal(0), error: z.literal("Item Not Found") }),
};
const list = z.strictObject({ items: z.array(answers.item), cursor: z.base64().nullable() });

const unauthorized = { status: 401, body: { error: "Unauthorized" } };
const missing = { status: 404, body: { error: "Not Found" } };

type Ask = { body?: unknown; version?: string; token?: string | null };

let owner: Awaited<ReturnType<typeof createTestUser>>;
let ctx: Context;
let token: string;
let name: string;
let id: string;

const tokenOf = async (user: { id: string; email: string }, scopes?: TokenScope[], projectIds?: string[]) =>
  (
    await createToken(userContextFor(user), {
      name: "t",
      ...(scopes ? { scopes } : {}),
      ...(projectIds ? { projectIds } : {}),
    })
  ).token;

async function ask(method: Method, path: string, { body, version, token: as = token }: Ask = {}) {
  const request = new Request(`http://127.0.0.1/collections/${path}`, {
    method,
    headers: {
      ...(as ? { authorization: `Bearer ${as}` } : {}),
      ...(version ? { "x-api-version": version } : {}),
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const response = await routes[method](request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? "" : JSON.parse(text) };
}

const newCollection = async (of = ctx, called = `c-${randomUUID()}`) => {
  const made = randomUUID();
  await createCollections(of, [{ id: made, name: called }]);
  return { id: made, name: called };
};
const fill = (...items: [key: string, value: string][]) =>
  putItems(
    ctx,
    id,
    items.map(([key, value]) => ({ key, value })),
  );
const keysOf = async (query: string) => {
  const { status, body } = await ask("GET", `${name}${query}`);
  expect(status, query).toBe(200);
  return list.parse(body).items.map(({ key }) => key);
};

beforeAll(async () => {
  owner = await createTestUser();
  token = await tokenOf(owner);
});

async function begin() {
  ctx = contextFor(owner, await createTestProject({ owner }));
  ({ id, name } = await newCollection());
}

describe("who asks", () => {
  beforeAll(begin);

  test.each([
    ["without a token", null],
    ["with one that is unknown", "wb_unknown"],
    ["with a run's that is made up", "wbrun_WyJ4Il0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
  ])("%s is answered 401, whatever is asked", async (_, bad) => {
    for (const [method, path] of [
      ["GET", name],
      ["GET", `${name}/a`],
      ["PUT", `${name}/a`],
      ["POST", name],
      ["DELETE", name],
      ["GET", "nothing-there"],
    ] as const)
      expect(await ask(method, path, { token: bad })).toMatchObject(unauthorized);
  });

  test("outside of the project is answered 401, and nothing is read or changed", async () => {
    await fill(["a", "1"]);
    const stranger = await createTestUser();
    const theirs = contextFor(stranger, await createTestProject({ owner: stranger }));
    await newCollection(theirs);
    const as = { token: await tokenOf(stranger) };
    const item = { value: "theirs" };
    expect(await ask("GET", name, as)).toMatchObject(unauthorized);
    expect(await ask("GET", `${name}/a`, as)).toMatchObject(unauthorized);
    expect(await ask("PUT", `${name}/a`, { ...as, body: item })).toMatchObject(unauthorized);
    expect(await ask("POST", name, { ...as, body: { items: [] } })).toMatchObject(unauthorized);
    expect(await ask("DELETE", `${name}/a`, as)).toMatchObject(unauthorized);
    expect(await ask("DELETE", `${name}?key=*`, as)).toMatchObject(unauthorized);
    const within = `?project_id=${ctx.project.id}`;
    expect(await ask("GET", `${name}${within}`, as)).toMatchObject(unauthorized);
    // Whether it is there is not told, either.
    expect(await ask("GET", `nothing-there${within}`, as)).toMatchObject(unauthorized);
    expect(await ask("GET", `${ctx.project.id}/${name}`, { ...as, version: "2" })).toMatchObject(
      unauthorized,
    );
    expect((await ask("GET", `${name}/a`)).body).toMatchObject({ value: "1" });
  });

  test("with a token that is bound to other projects is answered 401", async () => {
    const other = await createTestProject({ owner });
    const bound = await tokenOf(owner, ["read"], [other.id]);
    expect(await ask("GET", name, { token: bound })).toMatchObject(unauthorized);
  });

  test("needs read to read, and write or run to change", async () => {
    const forbidden = { status: 403, body: { error: "Forbidden" } };
    const only = async (scope: TokenScope) => ({ token: await tokenOf(owner, [scope]) });
    expect((await ask("GET", name, await only("read"))).status).toBe(200);
    expect(await ask("GET", name, await only("write"))).toMatchObject(forbidden);
    const body = { items: [{ key: "scoped", value: "1" }] };
    for (const scope of ["write", "run"] as const)
      expect((await ask("POST", name, { ...(await only(scope)), body })).status).toBe(200);
    for (const scope of ["read", "deploy"] as const) {
      expect(await ask("POST", name, { ...(await only(scope)), body })).toMatchObject(forbidden);
      expect(await ask("DELETE", `${name}/scoped`, await only(scope))).toMatchObject(forbidden);
    }
  });

  test("as a viewer reads, as an editor changes items, as an admin empties", async () => {
    const as = async (role: "admin" | "editor" | "viewer") => ({
      token: await tokenOf(await addTestMember(ctx.project, role)),
    });
    const [admin, editor, viewer] = [await as("admin"), await as("editor"), await as("viewer")];
    expect((await ask("GET", name, viewer)).status).toBe(200);
    expect(await ask("PUT", `${name}/b`, { ...viewer, body: { value: "1" } })).toMatchObject(unauthorized);
    expect(await ask("DELETE", `${name}/b`, viewer)).toMatchObject(unauthorized);
    expect((await ask("PUT", `${name}/b`, { ...editor, body: { value: "1" } })).status).toBe(200);
    expect((await ask("DELETE", `${name}/b`, editor)).body).toMatchObject({ deleted: 1 });
    expect(await ask("DELETE", `${name}?key=*`, editor)).toMatchObject(unauthorized);
    expect((await ask("DELETE", `${name}?key=none*`, admin)).body).toMatchObject({ deleted: 0 });
  });

  test("sees nothing of items where the project masks something for the role, and learns nothing by keys", async () => {
    const masked = contextFor(owner, await createTestProject({ owner }));
    const { id: secret, name: called } = await newCollection(masked);
    await putItems(masked, secret, [{ key: "Amina", value: '{"name":"Amina"}' }]);
    await setProtection(masked, {
      masks: ["$.patient.name"],
      maskedRoles: ["viewer"],
      revealRoles: [],
      noDownloadRoles: [],
    });
    const as = { token: await tokenOf(await addTestMember(masked.project, "viewer")) };
    const { body } = await ask("GET", called, as);
    expect(list.parse(body).items).toMatchObject([{ key: "•••", value: "•••" }]);
    for (const path of [`${called}/Amina`, `${called}?key=A*`, `${called}/nobody`])
      expect(await ask("GET", path, as)).toMatchObject({ status: 403, body: { error: "Forbidden" } });
    expect((await ask("GET", called)).body.items).toMatchObject([{ key: "Amina" }]);
  });
});

describe("a run's token", () => {
  const sign = (pass: { runId: string; projectId: string }, seconds = 60) =>
    signRunToken({ ...pass, endsAt: Math.floor(Date.now() / 1000) + seconds });

  async function running() {
    const clinic = await createClinic();
    const messageId = await clinic.receive({ form: "visit" });
    const [run] = await database.query<{ id: string }>(
      "update runs set state = 'running', started_at = now() where message_id = $1 returning id",
      [messageId],
    );
    const mine = await newCollection(clinic.ctx);
    return { pass: { runId: run?.id ?? "", projectId: clinic.project.id }, ...mine, clinic };
  }

  test("reads and changes its project's collections while the run is under way, and not afterwards", async () => {
    const { pass, name: mine } = await running();
    const as = { token: sign(pass) };
    expect((await ask("PUT", `${mine}/a`, { ...as, body: { value: "1" } })).body).toEqual({
      upserted: 1,
      error: null,
    });
    expect((await ask("GET", `${mine}/a?project_id=${pass.projectId}`, as)).body).toMatchObject({ key: "a" });
    expect((await ask("GET", `${pass.projectId}/${mine}`, { ...as, version: "2" })).status).toBe(200);
    expect((await ask("DELETE", mine, as)).body).toEqual({ key: null, deleted: 1, error: null });
    expect(await ask("GET", "misspelled", as)).toMatchObject(missing);
    await database.query("update runs set state = 'success', finished_at = now() where id = $1", [
      pass.runId,
    ]);
    expect(await ask("GET", mine, as)).toMatchObject(unauthorized);
  });

  test("is good for no other project, no other run and no longer than it says", async () => {
    await begin();
    const { pass, name: mine } = await running();
    const as = { token: sign(pass) };
    expect(await ask("GET", name, as)).toMatchObject(unauthorized);
    expect(await ask("GET", `${name}?project_id=${ctx.project.id}`, as)).toMatchObject(unauthorized);
    const forged = { token: sign({ ...pass, projectId: ctx.project.id }) };
    expect(await ask("GET", name, forged)).toMatchObject(unauthorized);
    expect(await ask("GET", mine, { token: sign({ ...pass, runId: randomUUID() }) })).toMatchObject(
      unauthorized,
    );
    expect(await ask("GET", mine, { token: sign(pass, -1) })).toMatchObject(unauthorized);
    const [text = "", signature = ""] = as.token.split(".");
    expect(readRunToken(as.token)).toMatchObject(pass);
    const other = Buffer.from(JSON.stringify([pass.runId, ctx.project.id, 9e9])).toString("base64url");
    expect(readRunToken(`wbrun_${other}.${signature}`)).toBeUndefined();
    expect(readRunToken(`${text}.${signature.slice(1)}A`)).toBeUndefined();
  });
});

describe("one item", () => {
  beforeAll(begin);

  test("is put, put again, got and deleted", async () => {
    expect((await ask("PUT", `${name}/foo`, { body: { value: "bar" } })).body).toEqual({
      upserted: 1,
      error: null,
    });
    answers.put.parse((await ask("PUT", `${name}/foo`, { body: { value: "qux" } })).body);
    const { status, body, headers } = await ask("GET", `${name}/foo`);
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(answers.item.parse(body)).toMatchObject({ key: "foo", value: "qux" });
    expect(answers.gone.parse((await ask("DELETE", `${name}/foo`)).body)).toEqual({
      key: "foo",
      deleted: 1,
      error: null,
    });
    const again = await ask("DELETE", `${name}/foo`);
    expect([again.status, answers.notGone.parse(again.body).key]).toEqual([200, "foo"]);
  });

  test("that is not there is 204 without a body", async () => {
    expect(await ask("GET", `${name}/nothing`)).toMatchObject({ status: 204, body: "" });
  });

  test.each(["a/b", "a b", "é", "100%", "a?b", "*", "a+b"])("may be called %j", async (key) => {
    const path = `${name}/${encodeURIComponent(key)}`;
    await ask("PUT", path, { body: { value: key } });
    expect((await ask("GET", path)).body).toMatchObject({ key, value: key });
    expect((await ask("DELETE", path)).body).toMatchObject({ key, deleted: 1 });
  });

  test("with a slash is found as OpenFn's adaptor asks, which encodes nothing", async () => {
    await ask("POST", name, { body: { items: [{ key: "a/b", value: "1" }] } });
    expect((await ask("GET", `${name}/a/b`)).body).toMatchObject({ key: "a/b" });
  });

  test("in an unknown collection is 404, whatever is asked", async () => {
    expect(await ask("GET", "misspelled/foo")).toMatchObject(missing);
    expect(await ask("PUT", "misspelled/foo", { body: { value: "1" } })).toMatchObject(missing);
    expect(await ask("POST", "misspelled", { body: { items: [{ key: "a", value: "1" }] } })).toMatchObject(
      missing,
    );
    expect(await ask("DELETE", "misspelled/foo")).toMatchObject(missing);
    expect(await ask("DELETE", "misspelled?key=*")).toMatchObject(missing);
    expect(await ask("GET", "misspelled")).toMatchObject(missing);
    expect(await ask("GET", `misspelled?project_id=${ctx.project.id}`)).toMatchObject(missing);
  });

  test.each([
    ["PUT", "/a", {}, { error: "Missing required field: value" }],
    ["POST", "", {}, { error: "Missing required field: items" }],
    ["POST", "", { items: "x" }, { upserted: 0, error: "Format error: items is a list." }],
    [
      "POST",
      "",
      {
        items: [
          { key: "a", value: "1" },
          { key: "a", value: "2" },
        ],
      },
      { upserted: 0, error: "Duplicate key found" },
    ],
  ] as const)("%s%s of %j is 422", async (method, path, body, said) => {
    expect(await ask(method, `${name}${path}`, { body })).toMatchObject({ status: 422, body: said });
  });

  test("of no text, or too large, is 422 and says so", async () => {
    for (const value of [1, null, { a: 1 }, "x".repeat(1_000_001)]) {
      const { status, body } = await ask("PUT", `${name}/a`, { body: { value } });
      expect(status).toBe(422);
      expect(answers.notPut.parse(body).error).toContain("Format error");
    }
    expect((await ask("GET", `${name}/a`)).status).toBe(204);
  });

  test("in a body that is no JSON is 400, in one that is too large 413", async () => {
    expect(await ask("PUT", `${name}/a`, { body: "{" })).toMatchObject({ status: 400 });
    expect(await ask("PUT", `${name}/a`, { body: "x".repeat(25_000_000) })).toMatchObject({ status: 413 });
  });
});

describe("several items", () => {
  beforeAll(begin);

  test("are put together with one moment, and upserted", async () => {
    const items = Array.from({ length: 1000 }, (_, n) => ({ key: `foo${n}`, value: `bar${n}` }));
    expect((await ask("POST", name, { body: { items } })).body).toEqual({ upserted: 1000, error: null });
    const { body } = await ask("GET", `${name}?limit=1000`);
    const got = list.parse(body);
    expect(got.cursor).toBeNull();
    expect(got.items.map(({ key }) => key)).toEqual(items.map(({ key }) => key));
    expect(new Set(got.items.map(({ created }) => created)).size).toBe(1);
    expect((await ask("POST", name, { body: { items: items.slice(0, 10) } })).body).toMatchObject({
      upserted: 10,
    });
    expect((await ask("POST", name, { body: { items: [] } })).body).toEqual({ upserted: 0, error: null });
  });

  test("beyond a bound are refused together with 422 and a sentence", async () => {
    await database.query("update collections set bytes = 999999990 where id = $1", [id]);
    const { status, body } = await ask("POST", name, {
      body: { items: [{ key: "large", value: "0123456789" }] },
    });
    expect([status, answers.notPut.parse(body).error]).toEqual([
      422,
      expect.stringContaining("at most 1,000,000,000 are allowed"),
    ]);
    const one = await ask("PUT", `${name}/large`, { body: { value: "0123456789" } });
    expect([one.status, answers.notPut.parse(one.body).upserted]).toEqual([422, 0]);
    expect((await ask("GET", `${name}/large`)).status).toBe(204);
  });
});

describe("deleting several", () => {
  beforeAll(begin);

  test("is told by a key with *, in the query or the body, and tells how many", async () => {
    await fill(["foo:123:bar1", "1"], ["foo:234:boo", "2"], ["foo:345:bar2", "3"], ["foo:456:bar3", "4"]);
    const byQuery = await ask("DELETE", `${name}?key=foo:1*:bar*`);
    expect(answers.gone.parse(byQuery.body)).toEqual({ key: "foo:1*:bar*", deleted: 1, error: null });
    // As OpenFn's CLI asks, which sends its page size with everything.
    expect((await ask("DELETE", `${name}?key=foo:3*:bar*&limit=1000`)).body).toMatchObject({ deleted: 1 });
    expect((await ask("DELETE", name, { body: { key: "foo:*:bar*" } })).body).toEqual({
      key: "foo:*:bar*",
      deleted: 1,
      error: null,
    });
    expect((await ask("DELETE", name)).body).toEqual({ key: null, deleted: 1, error: null });
  });

  test("obeys moments, and refuses what it does not know instead of deleting more than was asked", async () => {
    await fill(["a", "1"], ["b", "1"]);
    const before = encodeURIComponent("2020-01-01T00:00:00Z");
    expect((await ask("DELETE", `${name}?key=*&created_before=${before}`)).body).toMatchObject({
      deleted: 0,
    });
    expect(await ask("DELETE", `${name}?key=*&createdbefore=${before}`)).toMatchObject({ status: 400 });
    expect(await keysOf("")).toEqual(["a", "b"]);
  });
});

describe("a list", () => {
  beforeAll(begin);

  test("of an empty collection has no items and no cursor", async () => {
    expect((await ask("GET", name)).body).toEqual({ items: [], cursor: null });
  });

  test("is filtered by keys with * and by moments, from one on and before one", async () => {
    for (const key of ["foo:bar:baz", "foo:moon:baz", "foo:bar:baz:out"]) await fill([key, "1"]);
    const { body } = await ask("GET", name);
    const [first, second] = list.parse(body).items;
    const at = (moment?: string) => encodeURIComponent(moment ?? "");
    expect(await keysOf("?key=foo:*:baz")).toEqual(["foo:bar:baz", "foo:moon:baz"]);
    expect(await keysOf("?key=foo:bar:*")).toEqual(["foo:bar:baz", "foo:bar:baz:out"]);
    expect(await keysOf("?key=foo:bar:baz")).toEqual(["foo:bar:baz"]);
    expect(await keysOf(`?key=foo:*:baz&created_after=${at(second?.created)}`)).toEqual(["foo:moon:baz"]);
    expect(await keysOf(`?created_before=${at(second?.created)}`)).toEqual(["foo:bar:baz"]);
    await fill(["foo:bar:baz", "2"]);
    const changed = list.parse((await ask("GET", `${name}?key=foo:bar:baz`)).body).items[0];
    expect(await keysOf(`?updated_after=${at(changed?.updated)}`)).toEqual(["foo:bar:baz"]);
    expect(await keysOf(`?updated_before=${at(first?.updated)}`)).toEqual([]);
    // As OpenFn's adaptor sends what its documentation calls so.
    expect(await keysOf(`?updatedAfter=${at(changed?.updated)}`)).toEqual(["foo:bar:baz"]);
  });

  test.each([
    "unknown=1",
    "cursor=nonsense",
    "cursor=MTIz",
    "limit=x",
    "limit=-1",
    "limit=",
    "updated_after=2026-11-26",
    "created_before=2026-11-26T10:00:00",
    "created_after=yesterday",
    "project_id=not-a-uuid",
    "key=%00",
  ])("with ?%s is 400", async (query) => {
    expect(await ask("GET", `${name}?${query}`)).toMatchObject({
      status: 400,
      body: { error: "Bad Request" },
    });
  });

  test("goes on behind its cursor, has 1,000 items unless told, and no cursor at its end", async () => {
    await begin();
    const names = Array.from({ length: 2_001 }, (_, n) => `k${n}`);
    await fill(...names.map((key): [string, string] => [key, "1"]));
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: z.infer<typeof list> = list.parse(
        (await ask("GET", `${name}${cursor && `?cursor=${encodeURIComponent(cursor)}`}`)).body,
      );
      seen.push(...page.items.map(({ key }) => key));
      sizes.push(page.items.length);
      cursor = page.cursor;
    }
    expect(seen).toEqual(names);
    expect(sizes).toEqual([1000, 1000, 1]);
    for (const [limit, cursor] of [
      [2_000, expect.any(String)],
      [2_001, null],
      [9_999, null],
      [100, expect.any(String)],
      [0, null],
    ] as const) {
      const { body } = await ask("GET", `${name}?limit=${limit}`);
      expect([list.parse(body).items.length, body.cursor]).toEqual([Math.min(limit, 2_001), cursor]);
    }
  });

  test("is read as far as its client takes it, and no further once it has gone", async () => {
    await begin();
    const large = "x".repeat(600_000);
    for (let n = 0; n < 6; n++) await fill([`k${n}`, large]);
    const request = new Request(`http://127.0.0.1/collections/${name}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const response = await GET(request);
    const reader = response.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first.match(/"key"/g)).toHaveLength(2);
    // What it has not taken yet is not read yet: this is not in what comes.
    await database.query("delete from collection_items where key = 'k5' and project_id = $1", [
      ctx.project.id,
    ]);
    let rest = "";
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
      rest += new TextDecoder().decode(part.value);
    expect(JSON.parse(first + rest).items).toHaveLength(5);
    const gone = await GET(new Request(request));
    await gone.body?.cancel();
  });
});

describe("a name that several projects have", () => {
  beforeAll(begin);

  test("is 409 without a project, whatever is asked, and found with one", async () => {
    const other = contextFor(owner, await createTestProject({ owner }));
    await newCollection(other, name);
    await fill(["foo", "mine"]);
    for (const [method, path, body] of [
      ["GET", name, undefined],
      ["GET", `${name}/foo`, undefined],
      ["PUT", `${name}/foo`, { value: "1" }],
      ["POST", name, { items: [] }],
      ["DELETE", `${name}/foo`, undefined],
      ["DELETE", name, undefined],
    ] as const) {
      const { status, body: said } = await ask(method, path, { body });
      expect([status, said.error]).toEqual([409, expect.stringContaining("Add ?project_id=")]);
    }
    const mine = `?project_id=${ctx.project.id}`;
    expect((await ask("GET", `${name}/foo${mine}`)).body).toMatchObject({ value: "mine" });
    expect((await ask("GET", `${name}/foo?project_id=${other.project.id}`)).status).toBe(204);
    expect(
      (await ask("GET", `${name}${mine.toUpperCase().replace("PROJECT_ID", "project_id")}`)).body.items,
    ).toHaveLength(1);
    expect((await ask("PUT", `${name}/new${mine}`, { body: { value: "1" } })).body.upserted).toBe(1);
    expect(
      (await ask("POST", `${name}${mine}`, { body: { items: [{ key: "b", value: "2" }] } })).body.upserted,
    ).toBe(1);
    expect((await ask("DELETE", `${name}/b${mine}`)).body.deleted).toBe(1);
    expect((await ask("DELETE", `${name}${mine}`)).body.deleted).toBe(2);
  });

  test("is found by somebody who is in one of them alone", async () => {
    const member = await addTestMember(ctx.project, "viewer");
    expect((await ask("GET", name, { token: await tokenOf(member) })).status).toBe(200);
  });
});

describe("versions", () => {
  beforeAll(begin);

  test("2 names the project in the path, 1 and none do not, another is 400", async () => {
    const { project } = ctx;
    const v2 = { version: "2" };
    expect((await ask("PUT", `${project.id}/${name}/a`, { ...v2, body: { value: "1" } })).body.upserted).toBe(
      1,
    );
    expect(
      (await ask("POST", `${project.id}/${name}`, { ...v2, body: { items: [{ key: "b", value: "2" }] } }))
        .body.upserted,
    ).toBe(1);
    expect((await ask("GET", `${project.id}/${name}`, v2)).body.items).toHaveLength(2);
    expect((await ask("GET", `${project.id}/${name}/a`, v2)).body).toMatchObject({ value: "1" });
    expect((await ask("DELETE", `${project.id}/${name}/a`, v2)).body.deleted).toBe(1);
    expect((await ask("DELETE", `${project.id}/${name}?key=*`, v2)).body.deleted).toBe(1);
    expect(await ask("GET", `${project.id}/misspelled`, v2)).toMatchObject(missing);
    expect(await ask("GET", `${project.id}`, v2)).toMatchObject(missing);
    expect(await ask("GET", `not-a-uuid/${name}`, v2)).toMatchObject({ status: 400 });
    expect((await ask("GET", name, { version: "1" })).status).toBe(200);
    expect(await ask("GET", `${project.id}/${name}`)).toMatchObject(missing);
    for (const version of ["3", "0", "x"])
      expect(await ask("GET", name, { version })).toMatchObject({ status: 400 });
  });

  test("of a project that there is not are 404, as nothing is in it", async () => {
    const nowhere = randomUUID();
    expect(await ask("GET", `${name}?project_id=${nowhere}`)).toMatchObject(missing);
    for (const [method, path, body] of [
      ["GET", `${nowhere}/${name}`, undefined],
      ["GET", `${nowhere}/${name}/a`, undefined],
      ["PUT", `${nowhere}/${name}/a`, { value: "1" }],
      ["POST", `${nowhere}/${name}`, { items: [] }],
      ["DELETE", `${nowhere}/${name}/a`, undefined],
      ["DELETE", `${nowhere}/${name}`, undefined],
    ] as const)
      expect(await ask(method, path, { version: "2", body })).toMatchObject(missing);
  });
});

describe("the collection itself", () => {
  beforeAll(begin);

  test("may have a slash at its end, but for who deletes: an empty key does not empty it", async () => {
    const items = [{ key: "a", value: "1" }];
    expect((await ask("POST", `${name}/`, { body: { items } })).body).toEqual({ upserted: 1, error: null });
    expect(list.parse((await ask("GET", `${name}/?limit=1`)).body).items).toHaveLength(1);
    expect(await ask("PUT", `${name}/`, { body: { value: "1" } })).toMatchObject(missing);
    expect((await ask("DELETE", `${name}/`)).body).toEqual({ key: "", deleted: 0, error: "Item Not Found" });
    expect(await keysOf("")).toEqual(["a"]);
  });

  test("answers HEAD as GET, without a body", async () => {
    await fill(["a", "1"]);
    for (const path of [name, `${name}/a`, `${name}/none`, `${name}?limit=x`, "misspelled"]) {
      const url = `http://127.0.0.1/collections/${path}`;
      const head = await GET(
        new Request(url, { method: "HEAD", headers: { authorization: `Bearer ${token}` } }),
      );
      const { status, headers } = await ask("GET", path);
      expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([
        status,
        headers.get("content-type"),
        "",
      ]);
    }
  });
});

describe("OpenFn's own clients", () => {
  let server: http.Server;
  let origin: string;

  beforeAll(async () => {
    await begin();
    server = http.createServer((incoming, answer) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("end", async () => {
        const method = incoming.method as Method;
        const response = await routes[method](
          new Request(`${origin}${incoming.url}`, {
            method,
            headers: Object.entries(incoming.headers).map(([key, value]): [string, string] => [
              key,
              String(value),
            ]),
            ...(parts.length > 0 ? { body: Buffer.concat(parts) } : {}),
          }),
        );
        answer.writeHead(response.status, Object.fromEntries(response.headers));
        for await (const part of response.body ?? []) answer.write(part);
        answer.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("the adaptor sets, gets, goes through and removes", async () => {
    const { collections } = await import("@openfn/language-collections");
    for (const level of ["log", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
    type State = { data: unknown; configuration: object };
    const state = (): State => ({
      data: {},
      configuration: { collections_token: token, collections_endpoint: `${origin}/collections` },
    });
    const items = Array.from({ length: 1_200 }, (_, n) => ({ id: n, name: `visit ${n}` }));
    await collections.set(name, ({ id: n }: { id: number }) => `visit:${n}`, items)(state());
    await collections.set(name, "other", { a: 1 })(state());
    expect((await collections.get(name, "other")(state())).data).toEqual({ a: 1 });
    expect((await collections.get(name, "nothing")(state())).data).toEqual({});
    const all = (await collections.get(name, { key: "visit:*" })(state())).data;
    expect([all.length, all[1199]]).toEqual([1200, { key: "visit:1199", value: items[1199] }]);
    const seen: string[] = [];
    await collections.each(
      name,
      { key: "visit:1*", pageSize: 100, createdBefore: "2999-01-01T00:00:00Z" },
      (_: State, __: unknown, key: string) => {
        seen.push(key);
      },
    )(state());
    expect(seen).toHaveLength(1 + 10 + 100 + 200);
    await collections.remove(name, "other")(state());
    await collections.remove(name, { key: "visit:1*" })(state());
    expect((await ask("GET", `${name}?limit=9999`)).body.items).toHaveLength(1200 - seen.length);
    await expect(collections.get("misspelled", "a")(state())).rejects.toThrow("COLLECTION_NOT_FOUND");
  });
});
