import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it, test } from "vitest";
import { loadRoutes } from "@/app/api/routes";
import { projectTokens, users } from "@/db/schema";
import { projectContext, userContext } from "@/lib/auth/context";
import { shareCredential } from "@/lib/domain/credential/share";
import { createInvitation } from "@/lib/domain/invitation/create";
import { removeMember } from "@/lib/domain/member/remove";
import { getMyRule } from "@/lib/domain/notice/rules/list";
import { tryMail } from "@/lib/domain/notice/try";
import { type Permission, requirePermission } from "@/lib/domain/permissions";
import { updateProject } from "@/lib/domain/project/update";
import { createToken } from "@/lib/domain/token/create";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
} from "@/lib/testing/fixtures";
import { createProjectToken } from "./create";
import { listProjectTokens } from "./list";
import { resolveProjectToken } from "./resolve";
import { revokeProjectToken } from "./revoke";

beforeAll(() => {
  testDatabase();
});

const { db } = testDatabase();

const withToken = (token: string) =>
  new Request("http://127.0.0.1:3000/api/x", { headers: { authorization: `Bearer ${token}` } });

async function team() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  return { owner, project, ctx: contextFor(owner, project) };
}

it("is the project's, shown once, on the record, and only its hash is stored", async () => {
  const { owner, project, ctx } = await team();
  const made = await createProjectToken(ctx, { name: " clinic ", scopes: ["deploy", "read", "deploy"] });
  expect(made.token).toMatch(/^wbr_/);
  expect(made).toMatchObject({ name: "clinic", scopes: ["read", "deploy"], expiresAt: null });
  expect(await resolveProjectToken(db, made.token)).toEqual({
    id: made.id,
    name: "clinic",
    scopes: ["read", "deploy"],
    project: { id: project.id, name: project.name, deletesAt: null },
  });
  const rows = await db.select().from(projectTokens).where(eq(projectTokens.id, made.id));
  const record = await expectAudit("project_token.create", made.id);
  expect(record.projectId).toBe(project.id);
  const { items } = await listProjectTokens(ctx);
  expect(items).toMatchObject([{ name: "clinic", createdBy: owner.email, isExpired: false }]);
  for (const told of [rows, record, items]) expect(JSON.stringify(told)).not.toContain(made.token);
});

it("works in its project alone, as an admin under its own name, and in no route of persons", async () => {
  const { project, ctx, owner } = await team();
  const other = await createTestProject({ owner });
  const { id, token } = await createProjectToken(ctx, { name: "clinic", scopes: ["read"] });
  const there = await projectContext(withToken(token), project.id);
  expect(there).toMatchObject({
    actor: { type: "token", tokenId: id, label: "repository clinic" },
    role: "admin",
    caller: { scopes: ["read"] },
  });
  expect(there.actor).not.toHaveProperty("userId");
  await expectRefusal(projectContext(withToken(token), other.id), "not_found");
  await expectRefusal(projectContext(withToken(token), randomUUID()), "not_found");
  await expectRefusal(userContext(withToken(token)), "not_found");
  expect((await listProjectTokens(ctx)).items[0]?.lastUsedAt).not.toBeNull();
});

it("stays when whoever made it is removed or purged", async () => {
  const { project, ctx } = await team();
  const admin = await addTestMember(project, "admin");
  const { token } = await createProjectToken(contextFor(admin, project, "admin"), {
    name: "t",
    scopes: ["read"],
  });
  await removeMember(ctx, { userId: admin.id });
  expect(await resolveProjectToken(db, token)).toBeDefined();
  await db.delete(users).where(eq(users.id, admin.id));
  expect(await projectContext(withToken(token), project.id)).toMatchObject({ role: "admin" });
  expect((await listProjectTokens(ctx)).items).toMatchObject([{ createdBy: null }]);
});

it("needs no second factor where people do: a person who has one made it", async () => {
  const { project, ctx } = await team();
  const { token } = await createProjectToken(ctx, { name: "t", scopes: ["read"] });
  await testDatabase().query("update projects set require_second_factor = true where id = $1", [project.id]);
  expect(await projectContext(withToken(token), project.id)).toMatchObject({ role: "admin" });
});

it("ends when it expires or is revoked", async () => {
  const { ctx, project } = await team();
  const [old, revoked] = [
    await createProjectToken(ctx, { name: "old", scopes: ["read"], expiresInDays: 1 }),
    await createProjectToken(ctx, { name: "revoked", scopes: ["read"] }),
  ];
  await db
    .update(projectTokens)
    .set({ expiresAt: new Date(0) })
    .where(eq(projectTokens.id, old.id));
  await revokeProjectToken(ctx, { tokenId: revoked.id });
  await expectAudit("project_token.revoke", revoked.id);
  for (const { token } of [old, revoked])
    await expectRefusal(projectContext(withToken(token), project.id), "unauthenticated");
  await expectRefusal(revokeProjectToken(ctx, { tokenId: revoked.id }), "not_found");
  expect((await listProjectTokens(ctx)).items.map((t) => [t.name, t.isExpired])).toEqual([["old", true]]);
});

it("has a name, a scope and a day to come", async () => {
  const { ctx } = await team();
  const good = { name: "t", scopes: ["read" as const] };
  for (const wrong of [
    { name: " " },
    { scopes: [] },
    { expiresInDays: 0 },
    { expiresAt: "2999-01-01T00:00:00Z" },
  ])
    await expect(createProjectToken(ctx, { ...good, ...wrong })).rejects.toThrow();
  expect((await listProjectTokens(ctx)).items).toEqual([]);
});

it("is made, seen and revoked by owner and admins in a browser alone", async () => {
  const { owner, project, ctx } = await team();
  const made = await createProjectToken(ctx, { name: "t", scopes: ["read", "write", "deploy", "run"] });
  const editor = contextFor(await addTestMember(project, "editor"), project, "editor");
  const repository = await projectContext(withToken(made.token), project.id);
  for (const asked of [editor, repository]) {
    await expectRefusal(createProjectToken(asked, { name: "t", scopes: ["read"] }), "forbidden");
    await expectRefusal(listProjectTokens(asked), "forbidden");
    await expectRefusal(revokeProjectToken(asked, { tokenId: made.id }), "forbidden");
  }
  const personal = await createToken(
    { ...ctx, actor: { type: "user", userId: owner.id, label: "o" } },
    { name: "p" },
  );
  const byToken = await projectContext(withToken(personal.token), project.id);
  await expectRefusal(createProjectToken(byToken, { name: "t", scopes: ["read"] }), "forbidden");
});

const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };

it("saves workflows as nobody's, and does nothing that a person answers for", async () => {
  const { project, ctx } = await team();
  const { token } = await createProjectToken(ctx, { name: "t", scopes: ["read", "write", "deploy", "run"] });
  const repository = await projectContext(withToken(token), project.id);
  await saveWorkflow(repository, { name: "Visit", triggers: [], jobs: [], edges: [] }, deps);
  await updateProject(repository, { description: "By a repository" });
  const member = await addTestMember(project, "viewer");
  await expectRefusal(removeMember(repository, { userId: member.id }), "forbidden");
  await expectRefusal(createInvitation(repository, { email: "a@example.org", role: "viewer" }), "forbidden");
  await expectRefusal(shareCredential(repository, { credentialId: randomUUID() }), "forbidden");
  await expectRefusal(tryMail(repository), "forbidden");
  await expectRefusal(getMyRule(repository), "forbidden");
});

test("permissions of a repository's token are an admin's without people, their credentials and what is theirs", async () => {
  const { project, ctx } = await team();
  const { token } = await createProjectToken(ctx, { name: "t", scopes: ["read"] });
  const repository = await projectContext(withToken(token), project.id);
  const routes = await loadRoutes();
  const permissions = new Set<Permission>();
  for (const { handler } of routes)
    if (handler.declaration.access === "project") permissions.add(handler.declaration.permission);
  const isAllowed = (asker: Parameters<typeof requirePermission>[0]) => (permission: Permission) => {
    try {
      requirePermission(asker, permission);
      return true;
    } catch {
      return false;
    }
  };
  const ofAdmins = [...permissions].filter(isAllowed({ role: "admin" }));
  expect(ofAdmins.filter((one) => !isAllowed(repository)(one)).sort()).toEqual([
    "credential.use",
    "member.manage",
    "notice_rule.own",
    "person.manage",
    "person.read",
    "project_token.manage",
    "project_token.read",
  ]);
});
