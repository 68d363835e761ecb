import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createSession } from "@/lib/domain/session/create";
import { revokeSession } from "@/lib/domain/session/revoke";
import { createToken } from "@/lib/domain/token/create";
import { revokeToken } from "@/lib/domain/token/revoke";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  createTestProject,
  createTestUser,
  expectRefusal,
  userContextFor,
} from "@/lib/testing/fixtures";
import { projectContext, userContext } from "./context";
import { readCookie, sessionCookieName, sessionCookieValue } from "./cookie";

beforeAll(() => {
  testDatabase();
});

const ask = (headers: Record<string, string> = {}) => new Request("http://127.0.0.1:3000/api/x", { headers });
const withToken = (token: string) => ask({ authorization: `Bearer ${token}` });

async function signedIn(user: { id: string }) {
  const session = await createSession(testDatabase().db, { userId: user.id });
  const cookie = `a=1; ${sessionCookieName()}=${await sessionCookieValue(session)}; b=2`;
  return { session, request: ask({ cookie }) };
}

describe("a session cookie", () => {
  it("names a member of the project, with the role of this moment", async () => {
    const project = await createTestProject();
    const viewer = await addTestMember(project, "viewer");
    const { request } = await signedIn(viewer);
    expect(await projectContext(request, project.id)).toMatchObject({
      actor: { type: "user", userId: viewer.id, label: viewer.email },
      project: { id: project.id, name: project.name },
      role: "viewer",
    });
  });

  it("is worth nothing once its session is revoked", async () => {
    const user = await createTestUser();
    const { session, request } = await signedIn(user);
    expect(await userContext(request)).toMatchObject({ actor: { userId: user.id } });
    await revokeSession(userContextFor(user), { sessionId: session.id });
    await expectRefusal(userContext(request), "unauthenticated");
  });

  it("that we did not sign is worth nothing", async () => {
    for (const value of ["", "garbage", "a.b.c.d.e", randomUUID()])
      await expectRefusal(userContext(ask({ cookie: `${sessionCookieName()}=${value}` })), "unauthenticated");
    await expectRefusal(userContext(ask()), "unauthenticated");
  });

  it("of a stranger finds no project, as if there were none", async () => {
    const project = await createTestProject();
    const { request } = await signedIn(await createTestUser());
    const hidden = await expectRefusal(projectContext(request, project.id), "not_found");
    const absent = await expectRefusal(projectContext(request, randomUUID()), "not_found");
    expect(hidden.message).toBe(absent.message);
    await expectRefusal(projectContext(request, "not-a-uuid' or true"), "not_found");
    await expectRefusal(projectContext(ask(), project.id), "unauthenticated");
  });
});

describe("an API token", () => {
  it("acts with its owner's role in each project, under its own name", async () => {
    const project = await createTestProject();
    const editor = await addTestMember(project, "editor");
    const { id, token } = await createToken(userContextFor(editor), { name: "deploy" });
    expect(await projectContext(withToken(token), project.id)).toMatchObject({
      actor: { type: "token", userId: editor.id, tokenId: id, label: `${editor.email} (deploy)` },
      role: "editor",
    });
    expect(await userContext(withToken(token))).toMatchObject({ actor: { tokenId: id } });
    const foreign = await createTestProject();
    await expectRefusal(projectContext(withToken(token), foreign.id), "not_found");
  });

  it("that is bound to a project works there and nowhere else", async () => {
    const owner = await createTestUser();
    const [one, other] = [await createTestProject({ owner }), await createTestProject({ owner })];
    const { token } = await createToken(userContextFor(owner), { name: "t", projectId: one.id });
    expect(await projectContext(withToken(token), one.id)).toMatchObject({ role: "owner" });
    await expectRefusal(projectContext(withToken(token), other.id), "not_found");
    await expectRefusal(userContext(withToken(token)), "not_found");
  });

  it("is refused once revoked, and no cookie beside it helps", async () => {
    const user = await createTestUser();
    const made = await createToken(userContextFor(user), { name: "t" });
    await revokeToken(userContextFor(user), { tokenId: made.id });
    await expectRefusal(userContext(withToken(made.token)), "unauthenticated");
    const { request } = await signedIn(user);
    const both = ask({ cookie: request.headers.get("cookie") ?? "", authorization: `Bearer ${made.token}` });
    await expectRefusal(userContext(both), "unauthenticated");
  });
});

it("readCookie finds one cookie among others", () => {
  expect(readCookie("a=1; ab=2;b=x%20y=z", "b")).toBe("x y=z");
  expect(readCookie("ab=2", "b")).toBeUndefined();
  expect(readCookie(null, "b")).toBeUndefined();
});
