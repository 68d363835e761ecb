import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { expect } from "vitest";
import { auditEvents, projectMembers, projects, users } from "@/db/schema";
import type { Context, UserContext } from "@/lib/domain/context";
import { takeNewIds } from "@/lib/domain/taken-ids";
import { type ErrorCode, Refusal } from "@/lib/refusal";
import type { Role } from "@/lib/words";
import { testDatabase } from "./database";

export type TestUser = { id: string; email: string; name: string };
export type TestProject = { id: string; name: string; inboxId: string };

const unique = () => randomUUID().slice(0, 13);

/** A user of its own e-mail. Without a password unless `passwordHash` is given. */
export async function createTestUser(
  values: { email?: string; name?: string; passwordHash?: string; emailVerified?: Date } = {},
): Promise<TestUser> {
  const user = { email: `user-${unique()}@example.org`, name: "Test User", ...values };
  const [row] = await testDatabase().db.insert(users).values(user).returning({ id: users.id });
  if (!row) throw new Error("The test user was not inserted.");
  return { id: row.id, email: user.email, name: user.name };
}

/** A project of its own name; `owner` (or a new user) owns it. */
export async function createTestProject(
  options: { owner?: { id: string }; name?: string } = {},
): Promise<TestProject> {
  const { db } = testDatabase();
  const owner = options.owner ?? (await createTestUser());
  const [project] = await db
    .insert(projects)
    .values({ name: options.name ?? `project-${unique()}` })
    .returning({ id: projects.id, name: projects.name, inboxId: projects.inboxId });
  if (!project) throw new Error("The test project was not inserted.");
  await takeNewIds(db, project.id, [
    { id: project.id, kind: "project" },
    { id: project.inboxId, kind: "inbox" },
  ]);
  await db.insert(projectMembers).values({ projectId: project.id, userId: owner.id, role: "owner" });
  return project;
}

/** Makes a user a member. `owner` comes from `createTestProject`. */
export async function addTestMember(
  project: { id: string },
  role: Exclude<Role, "owner">,
  user?: TestUser,
): Promise<TestUser> {
  const member = user ?? (await createTestUser());
  await testDatabase().db.insert(projectMembers).values({ projectId: project.id, userId: member.id, role });
  return member;
}

/** What `lib/auth/context.ts` would make for this member. Does not write the membership. */
export const contextFor = (
  user: { id: string; email: string },
  project: { id: string; name: string },
  role: Role = "owner",
): Context => ({ ...userContextFor(user), project: { id: project.id, name: project.name }, role });

export const userContextFor = (user: { id: string; email: string }): UserContext => ({
  actor: { type: "user", userId: user.id, label: user.email },
  db: testDatabase().db,
  announce: () => {},
});

/** Fails unless exactly one audit event of this kind names the item. Returns it. */
export async function expectAudit(event: string, itemId: string) {
  const rows = await testDatabase()
    .db.select()
    .from(auditEvents)
    .where(and(eq(auditEvents.event, event), eq(auditEvents.itemId, itemId)));
  expect(rows.map((r) => r.event)).toEqual([event]);
  const [row] = rows;
  if (!row) throw new Error(`No audit event ${event} for ${itemId}.`);
  return row;
}

/** Fails unless the work is refused with this code. Returns the error. */
export async function expectRefusal(work: Promise<unknown>, code: ErrorCode): Promise<Refusal> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof Refusal)) throw new Error(`Expected a refusal (${code}), got ${String(error)}`);
  expect(error.code).toBe(code);
  return error;
}
