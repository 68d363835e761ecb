import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { apiTokens, projects, users } from "@/db/schema";
import { testDatabase } from "@/lib/testing/database";
import {
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  userContextFor,
} from "@/lib/testing/fixtures";
import { createToken } from "./create";
import { listTokens } from "./list";
import { resolveToken } from "./resolve";
import { revokeToken } from "./revoke";

beforeAll(() => {
  testDatabase();
});

it("names its owner; only its hash is stored, and nothing of it is in the audit", async () => {
  const { db } = testDatabase();
  const user = await createTestUser();
  const { id, token } = await createToken(userContextFor(user), { name: " deploy " });
  expect(token).toMatch(/^wb_/);
  expect(await resolveToken(db, token)).toEqual({
    id,
    name: "deploy",
    scopes: ["read", "write", "deploy", "run"],
    projectIds: null,
    user: { id: user.id, email: user.email, name: user.name },
  });
  expect(JSON.stringify(await db.select().from(apiTokens).where(eq(apiTokens.id, id)))).not.toContain(token);
  expect(JSON.stringify(await expectAudit("token.create", id))).not.toContain(token);
});

it("is bound only to projects of its owner", async () => {
  const user = await createTestUser();
  const [mine, foreign] = [await createTestProject({ owner: user }), await createTestProject()];
  const { token } = await createToken(userContextFor(user), { name: "t", projectId: mine.id });
  expect(await resolveToken(testDatabase().db, token)).toMatchObject({ projectIds: [mine.id] });
  await expectRefusal(createToken(userContextFor(user), { name: "t", projectId: foreign.id }), "not_found");
});

it("ends when it expires, is revoked, or its owner is disabled", async () => {
  const { db } = testDatabase();
  const user = await createTestUser();
  const ctx = userContextFor(user);
  const [old, revoked, living] = [
    await createToken(ctx, { name: "old", expiresInDays: 1 }),
    await createToken(ctx, { name: "revoked" }),
    await createToken(ctx, { name: "living", expiresInDays: 1 }),
  ];
  await db
    .update(apiTokens)
    .set({ expiresAt: new Date(0) })
    .where(eq(apiTokens.id, old.id));
  await revokeToken(ctx, { tokenId: revoked.id });
  await expectAudit("token.revoke", revoked.id);
  expect(await resolveToken(db, old.token)).toBeUndefined();
  expect(await resolveToken(db, revoked.token)).toBeUndefined();
  expect(await resolveToken(db, living.token)).toBeDefined();
  const listed = await listTokens(ctx);
  expect(listed.items.map((t) => [t.name, t.isExpired])).toEqual([
    ["living", false],
    ["old", true],
  ]);
  expect(listed.items[0]?.lastUsedAt).not.toBeNull();
  await db.update(users).set({ disabledAt: new Date() }).where(eq(users.id, user.id));
  expect(await resolveToken(db, living.token)).toBeUndefined();
});

it("is nobody else's to see or revoke", async () => {
  const [ada, eve] = [await createTestUser(), await createTestUser()];
  const { id, token } = await createToken(userContextFor(ada), { name: "t" });
  await expectRefusal(revokeToken(userContextFor(eve), { tokenId: id }), "not_found");
  expect((await listTokens(userContextFor(eve))).items).toEqual([]);
  expect(await resolveToken(testDatabase().db, token)).toBeDefined();
});

it("says what it may do and where, and ends on its day", async () => {
  const user = await createTestUser();
  const ctx = userContextFor(user);
  const [a, b] = [await createTestProject({ owner: user }), await createTestProject({ owner: user })];
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const made = await createToken(ctx, {
    name: "t",
    scopes: ["run", "read", "run"],
    projectIds: [a.id, b.id, a.id],
    expiresAt,
  });
  const what = { scopes: ["read", "run"], projectIds: [a.id, b.id], expiresAt };
  expect(made).toMatchObject(what);
  expect((await expectAudit("token.create", made.id)).after).toEqual({ name: "t", ...what });
  expect(await resolveToken(testDatabase().db, made.token)).toMatchObject({
    scopes: what.scopes,
    projectIds: what.projectIds,
  });
  const [listed] = (await listTokens(ctx)).items;
  expect(listed?.projects?.map(({ id }) => id)).toEqual(what.projectIds);
  expect(listed).toMatchObject({ scopes: what.scopes, expiresAt });
});

it("has a scope, a project that is its person's, and a day to come", async () => {
  const user = await createTestUser();
  const ctx = userContextFor(user);
  const [mine, foreign] = [await createTestProject({ owner: user }), await createTestProject()];
  for (const wrong of [
    { scopes: [] },
    { projectIds: [] },
    { expiresAt: new Date(Date.now() - 1000).toISOString() },
    { expiresAt: "2999-01-01T00:00:00Z" },
  ])
    await expect(createToken(ctx, { name: "t", ...wrong })).rejects.toThrow();
  await expectRefusal(createToken(ctx, { name: "t", projectIds: [mine.id, foreign.id] }), "not_found");
  expect((await listTokens(ctx)).items).toEqual([]);
});

it("outlives one of its projects, but not the only one", async () => {
  const { db } = testDatabase();
  const user = await createTestUser();
  const ctx = userContextFor(user);
  const [a, b] = [await createTestProject({ owner: user }), await createTestProject({ owner: user })];
  const both = await createToken(ctx, { name: "both", projectIds: [a.id, b.id] });
  const one = await createToken(ctx, { name: "one", projectIds: [a.id] });
  await db.delete(projects).where(eq(projects.id, a.id));
  expect(await resolveToken(db, one.token)).toBeUndefined();
  expect(await resolveToken(db, both.token)).toMatchObject({ projectIds: [a.id, b.id] });
  expect((await listTokens(ctx)).items.map(({ projects }) => projects?.map(({ id }) => id))).toEqual([
    [b.id],
  ]);
});
