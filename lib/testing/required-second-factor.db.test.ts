import { NextRequest } from "next/server";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { loadRoutes, type Route } from "@/app/api/routes";
import { sessionCookieName, sessionCookieValue } from "@/lib/auth/cookie";
import { createInvitation } from "@/lib/domain/invitation/create";
import { listMyInvitations } from "@/lib/domain/invitation/list";
import { countWithoutSecondFactor } from "@/lib/domain/member/without-second-factor";
import { listProjects } from "@/lib/domain/project/list";
import { updateProject } from "@/lib/domain/project/update";
import { removeSecondFactor, resetSecondFactor } from "@/lib/domain/second-factor/remove";
import { createToken } from "@/lib/domain/token/create";
import { errorBody } from "@/lib/http/errors";
import { signedIn } from "./api/world";
import { testDatabase } from "./database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestProject,
  type TestUser,
  userContextFor,
} from "./fixtures";
import { createFactor } from "./second-factor";

testDatabase();
const routes = (await loadRoutes()).filter((route) => route.path.includes("[project]"));
const nothing = "01900000-0000-7000-8000-000000000000";

type Headers = Record<string, string>;
let project: TestProject;
let owner: TestUser;
const without: Record<string, Headers> = {};
const withOne: Record<string, Headers> = {};
let stranger: Headers;

const tokenOf = async (user: TestUser): Promise<Headers> => ({
  authorization: `Bearer ${(await createToken(userContextFor(user), { name: "t" })).token}`,
});

beforeAll(async () => {
  const factor = await createFactor();
  owner = factor.user;
  project = await createTestProject({ owner });
  const admin = await addTestMember(project, "admin");
  await updateProject(contextFor(owner, project), { requireSecondFactor: true });
  without.browser = await signedIn(admin);
  without.token = await tokenOf(admin);
  const cookie = await sessionCookieValue({ id: factor.sessionId, userId: owner.id });
  withOne.browser = { cookie: `${sessionCookieName()}=${cookie}` };
  withOne.token = await tokenOf(owner);
  stranger = await tokenOf(await createTestUser());
});

const openfnForbidden = z.strictObject({ error: z.literal("Forbidden"), message: z.string().optional() });

async function call(route: Route, headers: Headers) {
  const end = new AbortController();
  const request = new NextRequest("http://127.0.0.1/api", {
    method: route.method,
    headers: { "content-type": "application/json", ...headers },
    signal: end.signal,
    // No body that any route takes: what is let in is refused for it, and changes nothing.
    ...(route.method === "GET" ? {} : { body: "[]" }),
  });
  const names = [...route.path.matchAll(/\[(\w+)\]/g)].map(([, param = ""]) => param);
  const params = Object.fromEntries(names.map((one) => [one, one === "project" ? project.id : nothing]));
  const response = await route.handler(request, { params: Promise.resolve(params) });
  end.abort();
  const requires = response.status === 403 ? requiredBy(await response.json()) : undefined;
  return { status: response.status, requires };
}

/** OpenFn's shape has no place for details: its sentence says it. */
function requiredBy(body: unknown): unknown {
  const openfns = openfnForbidden.safeParse(body);
  if (!openfns.success) return errorBody.parse(body).error.details?.requires;
  return openfns.data.message?.includes("a second factor") ? ["second_factor"] : undefined;
}

describe("a project that asks for a second factor", () => {
  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s is closed to a member who has none, in a browser and by token, and to nobody else for it",
    async (_, route) => {
      for (const [how, headers] of Object.entries(without))
        expect([how, await call(route, headers)]).toEqual([
          how,
          { status: 403, requires: ["second_factor"] },
        ]);
      for (const headers of Object.values(withOne))
        expect((await call(route, headers)).requires).toBeUndefined();
      expect((await call(route, stranger)).status).toBe(404);
    },
  );
});

test("is made one only by who has a second factor, and that is on record", async () => {
  const user = await createTestUser();
  const mine = await createTestProject({ owner: user });
  const ctx = contextFor(user, mine);
  await expectRefusal(updateProject(ctx, { requireSecondFactor: true }), "conflict");
  await updateProject(ctx, { requireSecondFactor: false });
  await createFactor(user);
  await updateProject(ctx, { requireSecondFactor: true });
  expect((await expectAudit("project.update", mine.id)).after).toEqual({ requireSecondFactor: true });
  const viewer = await addTestMember(mine, "viewer");
  expect(await countWithoutSecondFactor(ctx)).toBe(1);
  await expectRefusal(countWithoutSecondFactor(contextFor(viewer, mine, "viewer")), "forbidden");
});

test("tells nothing but its name in the list, until there is one", async () => {
  const viewer = await addTestMember(project, "viewer");
  const listed = async () => (await listProjects(userContextFor(viewer))).items;
  expect(await listed()).toEqual([
    expect.objectContaining({
      name: project.name,
      needsSecondFactor: true,
      description: null,
      members: 0,
      workflows: 0,
      lastMessageAt: null,
    }),
  ]);
  const { codes, ctx } = await createFactor(viewer);
  expect(await listed()).toMatchObject([{ needsSecondFactor: false, members: expect.any(Number) }]);
  await removeSecondFactor(ctx, { code: codes[0] ?? "" });
  expect(await listed()).toMatchObject([{ needsSecondFactor: true }]);
});

test("is closed to its owner too, once the operator has reset theirs", async () => {
  const { user } = await createFactor();
  const mine = await createTestProject({ owner: user });
  await updateProject(contextFor(user, mine), { requireSecondFactor: true });
  await resetSecondFactor({ db: testDatabase().db }, { userId: user.id });
  const [listed] = (await listProjects(userContextFor(user))).items;
  expect(listed).toMatchObject({ id: mine.id, needsSecondFactor: true });
});

test("says so in its invitations", async () => {
  const guest = await createTestUser({ emailVerified: new Date() });
  await createInvitation(contextFor(owner, project), { email: guest.email, role: "viewer" });
  const [invitation] = await listMyInvitations(userContextFor(guest));
  expect(invitation?.project).toEqual({ id: project.id, name: project.name, requireSecondFactor: true });
  const [mail] = await testDatabase().query<{ text: string }>('select text from mails where "to" = $1', [
    guest.email,
  ]);
  expect(mail?.text).toContain("second factor");
});
