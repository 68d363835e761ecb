import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { sessions, users } from "@/db/schema";
import { testDatabase } from "@/lib/testing/database";
import { createTestUser, expectAudit, expectRefusal, userContextFor } from "@/lib/testing/fixtures";
import { createSession } from "./create";
import { listSessions } from "./list";
import { resolveSession } from "./resolve";
import { revokeOtherSessions, revokeSession } from "./revoke";

beforeAll(() => {
  testDatabase();
});

it("names its user until it is revoked, with its beginning and end audited", async () => {
  const { db } = testDatabase();
  const user = await createTestUser();
  const session = await createSession(db, { userId: user.id, userAgent: "Firefox/1".repeat(100) });
  await expectAudit("session.create", session.id);
  expect(await resolveSession(db, session.id)).toEqual({
    id: user.id,
    email: user.email,
    name: user.name,
    sessionId: session.id,
    authenticatedAt: expect.any(Date),
    deletesAt: null,
  });
  await revokeSession(userContextFor(user), { sessionId: session.id });
  expect(await resolveSession(db, session.id)).toBeUndefined();
  await expectAudit("session.revoke", session.id);
  await expectRefusal(revokeSession(userContextFor(user), { sessionId: session.id }), "not_found");
});

it("ends at once when its user is disabled", async () => {
  const { db } = testDatabase();
  const user = await createTestUser();
  const session = await createSession(db, { userId: user.id });
  await db.update(users).set({ disabledAt: new Date() }).where(eq(users.id, user.id));
  expect(await resolveSession(db, session.id)).toBeUndefined();
});

it("notes when it was last seen, but not at every request", async () => {
  const { db } = testDatabase();
  const user = await createTestUser();
  const session = await createSession(db, { userId: user.id });
  const seen = async () => {
    await resolveSession(db, session.id);
    const [row] = await db
      .select({ at: sessions.lastSeenAt })
      .from(sessions)
      .where(eq(sessions.id, session.id));
    return row?.at.getTime() ?? 0;
  };
  const first = await seen();
  expect(await seen()).toBe(first);
  const long = new Date(Date.now() - 3_600_000);
  await db.update(sessions).set({ lastSeenAt: long }).where(eq(sessions.id, session.id));
  expect(await seen()).toBeGreaterThan(long.getTime());
});

it("is nobody else's to list or revoke", async () => {
  const { db } = testDatabase();
  const [ada, eve] = await Promise.all([createTestUser(), createTestUser()]);
  const session = await createSession(db, { userId: ada.id });
  await expectRefusal(revokeSession(userContextFor(eve), { sessionId: session.id }), "not_found");
  expect((await listSessions(userContextFor(eve), { maxAgeDays: 30 })).items).toEqual([]);
  expect(await resolveSession(db, session.id)).toBeDefined();
});

it("lists the living ones in pages, and revokes all but the asking one", async () => {
  const { db } = testDatabase();
  const user = await createTestUser();
  const made = [];
  for (let i = 0; i < 3; i++) made.push(await createSession(db, { userId: user.id }));
  const first = await listSessions(userContextFor(user), { maxAgeDays: 30, limit: 2 });
  expect(first.items).toHaveLength(2);
  const rest = await listSessions(userContextFor(user), {
    maxAgeDays: 30,
    limit: 2,
    cursor: first.nextCursor ?? "",
  });
  expect(rest).toMatchObject({ items: [{ id: made[0]?.id }], nextCursor: null });
  const keep = made[1]?.id ?? "";
  expect(await revokeOtherSessions({ ...userContextFor(user), sessionId: keep })).toBe(2);
  const left = await listSessions(userContextFor(user), { maxAgeDays: 30 });
  expect(left.items.map((s) => s.id)).toEqual([keep]);
});
