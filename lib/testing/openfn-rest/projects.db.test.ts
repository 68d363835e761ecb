import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { createToken } from "@/lib/domain/token/create";
import { oneProject, projectList } from "@/lib/http/openfn-resources";
import { signedIn } from "@/lib/testing/api/world";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { bearer, callApi } from "./call";

const { query } = testDatabase();

let ada: TestUser;
let as: Record<string, string>;

const tokenOf = async (user: TestUser) =>
  bearer((await createToken(userContextFor(user), { name: "t" })).token);
const put = (id: string, body: unknown, who = as) => callApi(who, "PUT", `/api/projects/${id}`, body);
/** OpenFn's members of an answer that has ours, too. */
const membersOf = (schema: z.ZodObject, body: unknown) =>
  z.object(schema.shape).parse(z.record(z.string(), z.unknown()).parse(body));

beforeAll(async () => {
  ada = await createTestUser();
  as = await tokenOf(ada);
});

test("lists one's projects beside our own list, to tokens alone", async () => {
  const grace = await createTestUser();
  const hers = await tokenOf(grace);
  const [a, b] = [
    await createTestProject({ owner: grace, name: "a-project" }),
    await createTestProject({ owner: grace, name: "b-project" }),
  ];
  await createTestProject();
  const entry = ({ id, name }: { id: string; name: string }) => ({
    type: "projects",
    id,
    links: { self: `http://waybill.example/api/projects/${id}` },
    relationships: {},
    attributes: { name, description: null },
  });
  const { body } = await callApi(hers, "GET", "/api/projects");
  expect(membersOf(projectList, body)).toMatchObject({
    data: [entry(a), entry(b)],
    included: [],
    meta: { total_entries: 2, total_pages: 1, page_number: 1, page_size: 10 },
  });
  expect(body).toMatchObject({ items: [{ id: a.id }, { id: b.id }] });
  const second = await callApi(hers, "GET", "/api/projects?page=2&page_size=1");
  expect(membersOf(projectList, second.body)).toMatchObject({ data: [entry(b)], links: { next: null } });
  const page = await callApi(await signedIn(grace), "GET", "/api/projects");
  expect(Object.keys(z.record(z.string(), z.unknown()).parse(page.body)).sort()).toEqual([
    "items",
    "nextCursor",
  ]);
  expect((await callApi({}, "GET", "/api/projects")).status).toBe(401);
});

test("lists to a repository's token its project and to a bound one its own, and shows no other", async () => {
  const [open, kept] = [await createTestProject({ owner: ada }), await createTestProject({ owner: ada })];
  await query("update projects set require_second_factor = true where id = $1", [open.id]);
  const repository = await createProjectToken(contextFor(ada, open), { name: "r", scopes: ["read"] });
  const bound = await createToken(userContextFor(ada), { name: "b", projectIds: [kept.id] });
  for (const [token, project, role] of [
    [repository.token, open, "admin"],
    [bound.token, kept, "owner"],
  ] as const) {
    const { status, body } = await callApi(bearer(token), "GET", "/api/projects");
    expect([status, body]).toMatchObject([
      200,
      {
        data: [{ id: project.id }],
        meta: { total_entries: 1 },
        items: [{ id: project.id, role, needsSecondFactor: false }],
      },
    ]);
    expect(membersOf(projectList, body)).toBeTruthy();
    const other = project === open ? kept : open;
    const one = await callApi(bearer(token), "GET", `/api/projects/${project.id}`);
    expect(membersOf(oneProject, one.body)).toMatchObject({ data: { id: project.id } });
    expect((await callApi(bearer(token), "GET", `/api/projects/${other.id}`)).status).toBe(404);
    expect((await callApi(bearer(token), "POST", "/api/projects", { name: "more" })).status).toBe(404);
  }
  const deploys = await createProjectToken(contextFor(ada, open), { name: "d", scopes: ["deploy"] });
  expect((await callApi(bearer(deploys.token), "GET", "/api/projects")).status).toBe(403);
  await query("delete from project_members where project_id = $1 and user_id = $2", [kept.id, ada.id]);
  expect((await callApi(bearer(bound.token), "GET", "/api/projects")).body).toMatchObject({
    data: [],
    items: [],
  });
});

test("shows one with its members, and of another's nothing", async () => {
  const project = await createTestProject({ owner: ada });
  const viewer = await addTestMember(project, "viewer");
  const { body } = await callApi(as, "GET", `/api/projects/${project.id}`);
  expect(membersOf(oneProject, body)).toMatchObject({
    data: {
      id: project.id,
      type: "projects",
      attributes: {
        name: project.name,
        description: null,
        members: expect.arrayContaining([
          { email: ada.email, role: "owner" },
          { email: viewer.email, role: "viewer" },
        ]),
      },
    },
    links: { self: `http://waybill.example/api/projects/${project.id}` },
  });
  const foreign = await createTestProject();
  expect((await callApi(as, "GET", `/api/projects/${foreign.id}`)).status).toBe(404);
});

describe("PUT", () => {
  test("makes a project under its id, owned by whoever asks; others are invited; and again replaces what it says", async () => {
    const id = randomUUID();
    const invited = `new-${randomUUID()}@example.org`;
    const body = {
      id,
      name: "clinic-one",
      description: "d",
      members: [
        { email: ada.email, role: "owner" },
        { email: invited, role: "editor" },
      ],
    };
    const made = await put(id, body);
    expect(made.status).toBe(201);
    expect(oneProject.parse(made.body).data).toMatchObject({
      id,
      attributes: { name: "clinic-one", description: "d", members: [{ email: ada.email, role: "owner" }] },
    });
    expect(
      await query("select role from invitations where project_id = $1 and email = $2", [id, invited]),
    ).toEqual([{ role: "editor" }]);
    const again = await put(id, { ...body, name: "clinic-two", description: undefined });
    expect(again.status).toBe(200);
    expect(oneProject.parse(again.body).data.attributes).toMatchObject({
      name: "clinic-two",
      description: null,
    });
    expect(await query("select 1 from invitations where project_id = $1", [id])).toHaveLength(1);
  });

  test("is refused to who may not, and tells strangers nothing", async () => {
    const project = await createTestProject({ owner: ada });
    const editor = await tokenOf(await addTestMember(project, "editor"));
    const stranger = await tokenOf(await createTestUser());
    const { token } = await createProjectToken(contextFor(ada, project), {
      name: "r",
      scopes: ["read", "write", "deploy"],
    });
    expect((await put(project.id, { name: "mine" }, editor)).status).toBe(403);
    expect(await put(project.id, { name: "mine" }, bearer(token))).toMatchObject({
      status: 403,
      body: { error: "Forbidden" },
    });
    expect((await put(project.id, { name: "mine" }, stranger)).status).toBe(404);
    expect((await put(project.id, { name: "mine" }, {})).status).toBe(401);
    expect(await query("select name from projects where id = $1", [project.id])).toEqual([
      { name: project.name },
    ]);
  });

  test("refuses in OpenFn's words, says no e-mail address, and makes nothing", async () => {
    const planted = `planted-${randomUUID()}@example.org`;
    const wrong: [body: object, errors: object][] = [
      [{ color: "red" }, { color: ["is not accepted"] }],
      [{ id: randomUUID() }, { id: ["does not match the id in the path"] }],
      [
        { members: [{ email: planted }] },
        { members: [expect.stringContaining("needs an email and a role")] },
      ],
      [{ members: [{ email: planted, role: "boss" }] }, { members: [expect.anything()] }],
      [
        {
          members: [
            { email: planted, role: "viewer" },
            { email: planted.toUpperCase(), role: "editor" },
          ],
        },
        { members: ["names one user more than once"] },
      ],
      [{ members: [{ email: planted, role: "owner" }] }, { members: [expect.stringContaining("owns it")] }],
      [{ name: "" }, { name: [expect.anything()] }],
      [{ name: undefined }, { name: [expect.anything()] }],
      [{ notify: "yes" }, { notify: [expect.anything()] }],
      [{ members: [{ email: planted, role: "viewer" }], notify: false }, { notify: [expect.anything()] }],
    ];
    for (const [more, errors] of wrong) {
      const id = randomUUID();
      const answer = await put(id, { name: "clinic", ...more });
      expect([more, answer]).toMatchObject([more, { status: 422, body: { errors } }]);
      expect(answer.text.toLowerCase()).not.toContain(planted);
      expect(await query("select 1 from projects where id = $1", [id])).toEqual([]);
    }
    expect(await put("foo", { name: "clinic" })).toMatchObject({
      status: 422,
      body: { errors: { id: ["is not a UUID"] } },
    });
    expect((await put(randomUUID(), ["not an object"])).status).toBe(422);
  });

  test("never makes a project with an id that one had", async () => {
    const id = randomUUID();
    await put(id, { name: "clinic-once" });
    await query("delete from projects where id = $1", [id]);
    expect(await put(id, { name: "clinic-again" })).toMatchObject({
      status: 422,
      body: { errors: { id: ["has already been taken"] } },
    });
  });
});
