import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { openBody } from "@/lib/domain/credential/body";
import { createCredential } from "@/lib/domain/credential/create";
import { setCredentialEnvironment } from "@/lib/domain/credential/environment/set";
import { openfnCredential } from "@/lib/domain/credential/openfn/document";
import { shareCredential } from "@/lib/domain/credential/share";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { createToken } from "@/lib/domain/token/create";
import { credentialAnswer, credentialsAnswer } from "@/lib/http/openfn-resources";
import { signedIn } from "@/lib/testing/api/world";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  type TestProject,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { bearer, callApi } from "./call";

const { query } = testDatabase();
const secret = "s3cr3t-never-shown";

let ada: TestUser;
let project: TestProject;
let as: Record<string, string>;

const tokenOf = async (user: TestUser) =>
  bearer((await createToken(userContextFor(user), { name: "t" })).token);
const name = () => `DHIS2 ${randomUUID()}`;
const asked = (more: object = {}) => ({
  name: name(),
  schema: "raw",
  credential_bodies: [{ name: "main", body: { password: secret } }],
  ...more,
});
const links = (...ids: string[]) => ids.map((id) => ({ project_id: id }));
const post = (body: unknown, who = as) => callApi(who, "POST", "/api/credentials", body);
const put = (id: string, body: unknown, who = as) => callApi(who, "PUT", `/api/credentials/${id}`, body);

const bodyOf = async (id: string, env?: string) => {
  const [row] = await query<{ body: string }>(
    env
      ? "select body from credential_bodies where credential_id = $1 and env = $2"
      : "select body from credentials where id = $1",
    env ? [id, env] : [id],
  );
  return openBody(id, row?.body ?? "", env);
};
const isThere = async (id: string) =>
  (await query("select 1 from credentials where id = $1", [id])).length > 0;

const readOne = (body: unknown) => credentialAnswer.parse(body).credential;

beforeAll(async () => {
  ada = await createTestUser();
  project = await createTestProject({ owner: ada });
  as = await tokenOf(ada);
});

describe("lists", () => {
  test("one's own with where they are shared, and never a secret", async () => {
    const grace = await createTestUser();
    const mine = await createTestProject({ owner: grace });
    const hers = await tokenOf(grace);
    expect((await callApi(hers, "GET", "/api/credentials")).body).toEqual({ credentials: [], errors: {} });
    const { id } = await createCredential(userContextFor(grace), {
      name: "Clinic",
      body: { password: secret },
    });
    const link = await shareCredential(contextFor(grace, mine), { credentialId: id });
    const { body, text } = await callApi(hers, "GET", "/api/credentials");
    expect(credentialsAnswer.parse(body).credentials).toMatchObject([
      {
        id,
        name: "Clinic",
        schema: "raw",
        external_id: null,
        user_id: grace.id,
        project_credentials: [{ id: link.id, project_id: mine.id, credential_id: id }],
        projects: [{ id: mine.id, name: mine.name, description: null }],
      },
    ]);
    expect(text).not.toContain(secret);
  });

  test("of a project whoever's are shared with it, and nothing of other projects", async () => {
    const theirs = await createTestProject({ owner: ada });
    const editor = await addTestMember(theirs, "editor");
    const elsewhere = await createTestProject({ owner: ada });
    for (const user of [ada, editor]) {
      const { id } = await createCredential(userContextFor(user), {
        name: name(),
        body: { password: secret },
      });
      await shareCredential(contextFor(user, theirs, "admin"), { credentialId: id });
      if (user === ada) await shareCredential(contextFor(ada, elsewhere), { credentialId: id });
    }
    await createCredential(userContextFor(ada), { name: name(), body: {} });
    const path = `/api/projects/${theirs.id}/credentials`;
    const { body, text } = await callApi(await tokenOf(editor), "GET", path);
    const listed = z.looseObject({ credentials: z.array(openfnCredential) }).parse(body).credentials;
    expect(listed.map(({ user_id }) => user_id).sort()).toEqual([ada.id, editor.id].sort());
    expect(text).not.toContain(elsewhere.id);
    expect(text).not.toContain(secret);
    expect((await callApi(await tokenOf(await createTestUser()), "GET", path)).status).toBe(404);
  });

  test("are nobody's without a token", async () => {
    for (const proof of [{}, bearer("wb_unknown")])
      for (const [method, path, body] of [
        ["GET", "/api/credentials", undefined],
        ["POST", "/api/credentials", {}],
        ["DELETE", `/api/credentials/${randomUUID()}`, undefined],
        ["PUT", `/api/credentials/${randomUUID()}`, {}],
      ] as const)
        expect(await callApi(proof, method, path, body)).toMatchObject({
          status: 401,
          body: { error: "Unauthorized" },
        });
  });
});

describe("POST", () => {
  test("stores one of the caller's, whoever the body names, and answers without the secret", async () => {
    const answer = await post(asked({ user_id: randomUUID() }));
    expect(answer.status).toBe(201);
    expect(answer.text).not.toContain(secret);
    const made = readOne(answer.body);
    expect(made).toMatchObject({ user_id: ada.id, external_id: null, project_credentials: [], projects: [] });
    expect(await bodyOf(made.id)).toEqual({ password: secret });
  });

  test("takes a body alone, and a body for each environment", async () => {
    const alone = await post({ name: name(), body: { password: secret } });
    expect([alone.status, await bodyOf(readOne(alone.body).id)]).toEqual([201, { password: secret }]);
    const several = await post(
      asked({
        credential_bodies: [
          { name: "main", body: { key: "m" } },
          { name: "staging", body: { key: "s" } },
        ],
      }),
    );
    const { id } = readOne(several.body);
    expect([await bodyOf(id), await bodyOf(id, "staging")]).toEqual([{ key: "m" }, { key: "s" }]);
  });

  test("shares it with projects in which the caller may, and else stores nothing", async () => {
    const second = await createTestProject({ owner: ada });
    const answer = await post(asked({ project_credentials: links(project.id, second.id) }));
    expect(
      readOne(answer.body)
        .project_credentials.map((one) => one.project_id)
        .sort(),
    ).toEqual([project.id, second.id].sort());
    const foreign = await createTestProject();
    const looking = await createTestProject();
    await addTestMember(looking, "viewer", ada);
    for (const ids of [[foreign.id], [looking.id], [randomUUID()], [project.id, foreign.id]]) {
      const body = asked({ project_credentials: links(...ids) });
      expect(await post(body)).toMatchObject({ status: 403, body: { error: "Forbidden" } });
      expect(await query("select 1 from credentials where name = $1", [body.name])).toEqual([]);
    }
  });

  test("refuses a name that is blank or taken, and no body", async () => {
    expect(await post(asked({ name: "" }))).toMatchObject({
      status: 422,
      body: { errors: { name: [expect.anything()] } },
    });
    expect((await post({ name: "" })).status).toBe(422);
    expect(await post({ name: name() })).toMatchObject({
      status: 422,
      body: { errors: { credential_bodies: [expect.anything()] } },
    });
    const body = asked();
    expect((await post(body)).status).toBe(201);
    expect(await post(body)).toMatchObject({ status: 409, body: { error: "name_taken" } });
  });
});

describe("DELETE", () => {
  test("deletes one's own, and nobody else's", async () => {
    const { id } = readOne((await post(asked({ project_credentials: links(project.id) }))).body);
    const other = await tokenOf(await createTestUser());
    expect(await callApi(other, "DELETE", `/api/credentials/${id}`)).toMatchObject({
      status: 403,
      body: { error: "Forbidden" },
    });
    expect(await callApi(as, "DELETE", `/api/credentials/${id}`)).toEqual({
      status: 204,
      body: undefined,
      text: "",
    });
    expect(await isThere(id)).toBe(false);
    for (const gone of [id, randomUUID(), "invalid-uuid"])
      expect(await callApi(as, "DELETE", `/api/credentials/${gone}`)).toMatchObject({
        status: 404,
        body: { error: "Not Found" },
      });
  });
});

describe("GET and PUT of one", () => {
  async function existing() {
    const { id } = await createCredential(userContextFor(ada), { name: name(), body: { password: "old" } });
    await setCredentialEnvironment(userContextFor(ada), {
      credentialId: id,
      env: "staging",
      body: { password: "st" },
    });
    const link = await shareCredential(contextFor(ada, project), { credentialId: id });
    return { id, link: link.id };
  }

  test("show the owner every link, but no project that they are not in; others are refused", async () => {
    const { id } = await existing();
    const elsewhere = await createTestProject();
    await query("insert into project_credentials (project_id, credential_id) values ($1, $2)", [
      elsewhere.id,
      id,
    ]);
    const { body, text } = await callApi(as, "GET", `/api/credentials/${id}`);
    const shown = readOne(body);
    expect(shown.project_credentials.map((one) => one.project_id).sort()).toEqual(
      [project.id, elsewhere.id].sort(),
    );
    expect(shown.projects.map((one) => one.id)).toEqual([project.id]);
    expect(text).not.toContain("password");
    expect(
      (await callApi(await tokenOf(await createTestUser()), "GET", `/api/credentials/${id}`)).status,
    ).toBe(403);
    expect((await callApi(as, "GET", `/api/credentials/${randomUUID()}`)).status).toBe(404);
  });

  test("PUT stores one under an id, and again changes nothing", async () => {
    const id = randomUUID();
    const body = asked({ owner: ada.email.toUpperCase(), project_credentials: links(project.id) });
    const first = await put(id, body);
    expect([first.status, first.text.includes(secret)]).toEqual([201, false]);
    const second = await put(id, body);
    expect(second.status).toBe(200);
    expect(readOne(second.body).project_credentials).toEqual(readOne(first.body).project_credentials);
    expect(await bodyOf(id)).toEqual({ password: secret });
  });

  test("PUT replaces name, schema and main secret; other environments and links stay", async () => {
    const { id, link } = await existing();
    const second = await createTestProject({ owner: ada });
    const renamed = name();
    const answer = await put(id, asked({ name: renamed, project_credentials: links(second.id) }));
    const after = readOne(answer.body);
    expect([answer.status, after.name]).toEqual([200, renamed]);
    expect(after.project_credentials.map((one) => one.project_id).sort()).toEqual(
      [project.id, second.id].sort(),
    );
    expect(after.project_credentials.map((one) => one.id)).toContain(link);
    expect([await bodyOf(id), await bodyOf(id, "staging")]).toEqual([
      { password: secret },
      { password: "st" },
    ]);
  });

  test("PUT never takes another's id, owner or name", async () => {
    const { id } = await existing();
    const grace = await createTestUser();
    const hers = await tokenOf(grace);
    expect(await put(id, asked(), hers)).toMatchObject({ status: 409, body: { error: "id_taken" } });
    expect(await bodyOf(id)).toEqual({ password: "old" });
    for (const owner of [ada.email, "nobody@example.org"])
      expect(await put(randomUUID(), asked({ owner }), hers)).toMatchObject({
        status: 403,
        body: { error: "Forbidden" },
      });
    const [held, mine] = [asked(), await existing()];
    await post(held);
    for (const one of [randomUUID(), mine.id])
      expect(await put(one, asked({ name: held.name }))).toMatchObject({
        status: 409,
        body: { error: "name_taken" },
      });
    const looking = await createTestProject();
    await addTestMember(looking, "viewer", ada);
    const fresh = randomUUID();
    for (const to of [looking.id, randomUUID()])
      expect((await put(fresh, asked({ project_credentials: links(to) }))).status).toBe(403);
    expect(await isThere(fresh)).toBe(false);
  });

  const main = { name: "main", body: { a: "b" } };
  const wrong: [key: string, body: object][] = [
    ["external_id", { external_id: "x" }],
    ["credential_bodies", { credential_bodies: [] }],
    ["credential_bodies", { credential_bodies: undefined }],
    ["credential_bodies", { credential_bodies: [main, { ...main, name: "staging" }] }],
    ["credential_bodies", { credential_bodies: [{ ...main, name: "staging" }] }],
    ["credential_bodies", { credential_bodies: [{ ...main, body: "text" }] }],
    ["credential_bodies", { credential_bodies: main }],
    ["project_credentials", { project_credentials: [{ id: randomUUID() }] }],
    ["project_credentials", { project_credentials: [{ project_id: "acme" }] }],
    ["project_credentials", { project_credentials: { project_id: randomUUID() } }],
    ["id", { id: randomUUID() }],
    ["name", { name: "" }],
  ];
  test.each(wrong)("PUT refuses a wrong %s under its key: %j", async (key, more) => {
    const id = randomUUID();
    const planted = "PLANTED-VALUE";
    const { status, body, text } = await put(id, { ...asked({ schema: planted }), ...more });
    expect([
      status,
      Object.keys(z.strictObject({ errors: z.record(z.string(), z.array(z.string())) }).parse(body).errors),
    ]).toEqual([422, [key]]);
    expect(text).not.toContain(planted);
    expect(await isThere(id)).toBe(false);
  });

  test("PUT refuses what is no id", async () => {
    for (const id of ["not-a-uuid", "abcdefghijklmnop"])
      expect(await put(id, asked())).toMatchObject({
        status: 422,
        body: { errors: { id: ["is not a UUID"] } },
      });
  });
});

test("no repository's token, none that is bound to projects, and no browser stores or shows credentials here", async () => {
  const { token } = await createProjectToken(contextFor(ada, project), {
    name: "r",
    scopes: ["read", "write"],
  });
  const bound = await createToken(userContextFor(ada), { name: "b", projectId: project.id });
  for (const proof of [bearer(token), bearer(bound.token)])
    for (const [method, path, body] of [
      ["GET", "/api/credentials", undefined],
      ["POST", "/api/credentials", asked()],
      ["PUT", `/api/credentials/${randomUUID()}`, asked()],
    ] as const)
      expect(await callApi(proof, method, path, body)).toMatchObject({
        status: 403,
        body: { error: "Forbidden" },
      });
  expect((await callApi(await signedIn(ada), "POST", "/api/credentials", asked())).status).toBe(403);
});
