import { and, eq, isNull } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { auditEvents, backupCodes, secondFactors, sessions, users } from "@/db/schema";
import { hashPassword } from "@/lib/crypto/password";
import { limits } from "@/lib/domain/rate-limit/consume";
import { completeSession } from "@/lib/domain/session/complete";
import { createSession } from "@/lib/domain/session/create";
import { listSessions } from "@/lib/domain/session/list";
import { reauthenticate } from "@/lib/domain/session/reauthenticate";
import { resolveHalfSession, resolveSession } from "@/lib/domain/session/resolve";
import { stopClock } from "@/lib/testing/clock";
import { testDatabase } from "@/lib/testing/database";
import { createTestUser, expectAudit, expectRefusal, userContextFor } from "@/lib/testing/fixtures";
import { createFactor } from "@/lib/testing/second-factor";
import { getSecondFactor } from "./get";
import { renewBackupCodes } from "./new-codes";
import { removeSecondFactor, resetSecondFactor } from "./remove";
import { beginSecondFactor, confirmSecondFactor } from "./set-up";
import { digitsAt } from "./totp";

stopClock();
beforeAll(() => {
  testDatabase();
});

const stepMs = 30_000;
const signIn = (user: { id: string }) => createSession(testDatabase().db, { userId: user.id });
const half = (sessionId: string) => resolveHalfSession(testDatabase().db, sessionId);
const whole = (sessionId: string) => resolveSession(testDatabase().db, sessionId);
const complete = (sessionId: string | undefined, code: string) =>
  completeSession(testDatabase().db, { sessionId, code });

it("asks for nothing until a code confirms it; then every other browser is signed out", async () => {
  const { db } = testDatabase();
  const user = await createTestUser();
  const [mine, other] = [await signIn(user), await signIn(user)];
  const ctx = { ...userContextFor(user), sessionId: mine.id };
  const { secret } = await beginSecondFactor(ctx, { isMailDelivered: false });
  expect(await whole(other.id)).toBeDefined();
  await expectRefusal(confirmSecondFactor(ctx, { code: "000000x" }), "invalid");
  const { backupCodes: codes } = await confirmSecondFactor(ctx, { code: digitsAt(secret) });
  expect(new Set(codes).size).toBe(10);
  expect(await whole(mine.id)).toBeDefined();
  expect([await whole(other.id), await half(other.id)]).toEqual([undefined, undefined]);
  await expectAudit("second_factor.set_up", user.id);
  expect(await getSecondFactor(ctx)).toMatchObject({ since: expect.any(String), backupCodesLeft: 10 });
  await expectRefusal(beginSecondFactor(ctx, { isMailDelivered: false }), "conflict");
  const stored = JSON.stringify([
    await db.select().from(secondFactors).where(eq(secondFactors.userId, user.id)),
    await db.select().from(backupCodes).where(eq(backupCodes.userId, user.id)),
    await db.select().from(auditEvents).where(eq(auditEvents.itemId, user.id)),
  ]);
  for (const shown of [secret, ...codes, ...codes.map((code) => code.replaceAll("-", ""))])
    expect(stored).not.toContain(shown);
});

it("a sign-in without it is no session, whichever way it began; with it, it is one", async () => {
  const { user, secret } = await createFactor();
  const session = await signIn(user);
  expect(await whole(session.id)).toBeUndefined();
  expect(await half(session.id)).toMatchObject({ id: user.id });
  const { items } = await listSessions(userContextFor(user), { maxAgeDays: 30 });
  expect(items.map(({ id }) => id)).not.toContain(session.id);
  await expectRefusal(complete(session.id, "000000x"), "invalid");
  expect(await whole(session.id)).toBeUndefined();
  await complete(session.id, digitsAt(secret, Date.now() + stepMs));
  expect(await whole(session.id)).toMatchObject({ id: user.id });
  expect((await expectAudit("session.second_factor", session.id)).after).toEqual({ by: "app" });
  await expectRefusal(complete(session.id, digitsAt(secret)), "unauthenticated");
  await expectRefusal(complete(undefined, digitsAt(secret)), "unauthenticated");
});

it("a sign-in waits for its second step for a while only, and not once revoked", async () => {
  const { db } = testDatabase();
  const { user, codes } = await createFactor();
  const [old, revoked] = [await signIn(user), await signIn(user)];
  const longAgo = new Date(Date.now() - 16 * 60_000);
  await db.update(sessions).set({ authenticatedAt: longAgo }).where(eq(sessions.id, old.id));
  await db.update(sessions).set({ revokedAt: new Date() }).where(eq(sessions.id, revoked.id));
  for (const { id } of [old, revoked]) await expectRefusal(complete(id, codes[0] ?? ""), "unauthenticated");
  await db.update(users).set({ disabledAt: new Date() }).where(eq(users.id, user.id));
  await expectRefusal(complete((await signIn(user)).id, codes[0] ?? ""), "unauthenticated");
});

it("takes each code of the app once, and none of an earlier step, whatever it is for", async () => {
  const { user, secret, ctx } = await createFactor();
  // What set it up took the present step.
  const next = digitsAt(secret, Date.now() + stepMs);
  const tries = await Promise.allSettled([1, 2, 3].map(async () => complete((await signIn(user)).id, next)));
  expect(tries.filter(({ status }) => status === "fulfilled").length).toBe(1);
  await expectRefusal(reauthenticate(ctx, { code: next }), "invalid");
  await expectRefusal(removeSecondFactor(ctx, { code: next }), "invalid");
  await expectRefusal(complete((await signIn(user)).id, digitsAt(secret)), "invalid");
});

it("takes each backup code once, as somebody types it, and says so in the record", async () => {
  const { user, codes, ctx } = await createFactor();
  const [first = "", second = ""] = codes;
  const session = await signIn(user);
  await complete(session.id, ` ${first.toUpperCase().replaceAll("-", " ")} `);
  expect((await expectAudit("session.second_factor", session.id)).after).toEqual({ by: "backup" });
  await expectAudit("second_factor.use_backup_code", user.id);
  expect((await getSecondFactor(ctx)).backupCodesLeft).toBe(9);
  await expectRefusal(complete((await signIn(user)).id, first), "invalid");
  const { codes: foreign } = await createFactor();
  await expectRefusal(complete((await signIn(user)).id, foreign[0] ?? ""), "invalid");
  const renewed = await renewBackupCodes(ctx);
  await expectAudit("second_factor.renew_backup_codes", user.id);
  expect(renewed.backupCodes).not.toContain(second);
  await expectRefusal(complete((await signIn(user)).id, second), "invalid");
  await complete((await signIn(user)).id, renewed.backupCodes[0] ?? "");
});

it("counts wrong codes by account, whatever they are for; a right one gives them back", async () => {
  const { user, codes, ctx } = await createFactor();
  const wrong = "000000x";
  const fail = async (times: number) => {
    for (let n = 0; n < times; n++) await expectRefusal(reauthenticate(ctx, { code: wrong }), "invalid");
  };
  await fail(limits.secondFactor.max - 1);
  await reauthenticate(ctx, { code: codes[0] ?? "" });
  await fail(limits.secondFactor.max);
  await expectRefusal(complete((await signIn(user)).id, codes[1] ?? ""), "limit");
  await expectRefusal(removeSecondFactor(ctx, { code: codes[1] ?? "" }), "limit");
});

it("is turned off with a code; sign-ins are whole again, and what was stored is gone", async () => {
  const { db } = testDatabase();
  const { user, codes, ctx } = await createFactor();
  const waiting = await signIn(user);
  await expectRefusal(removeSecondFactor(ctx, { code: "000000x" }), "invalid");
  await removeSecondFactor(ctx, { code: codes[0] ?? "" });
  await expectAudit("second_factor.remove", user.id);
  expect(await whole(waiting.id)).toBeDefined();
  expect(await db.select().from(secondFactors).where(eq(secondFactors.userId, user.id))).toEqual([]);
  expect(await db.select().from(backupCodes).where(eq(backupCodes.userId, user.id))).toEqual([]);
});

it("what was given for an earlier one counts for nothing", async () => {
  const { codes, ctx, sessionId } = await createFactor();
  await removeSecondFactor(ctx, { code: codes[0] ?? "" });
  const { sessionId: _, ...elsewhere } = ctx;
  const { secret } = await beginSecondFactor(elsewhere, { isMailDelivered: false });
  await testDatabase().db.update(sessions).set({ revokedAt: null }).where(eq(sessions.id, sessionId));
  await confirmSecondFactor(elsewhere, { code: digitsAt(secret) });
  await testDatabase().db.update(sessions).set({ revokedAt: null }).where(eq(sessions.id, sessionId));
  expect(await whole(sessionId)).toBeUndefined();
});

it("is reset by the operator, once", async () => {
  const { user } = await createFactor();
  const { db } = testDatabase();
  const session = await signIn(user);
  expect(await resetSecondFactor({ db }, { userId: user.id })).toEqual({ reset: true });
  expect(await expectAudit("second_factor.reset", user.id)).toMatchObject({
    actorType: "system",
    actorLabel: "operator",
  });
  expect(await whole(session.id)).toBeDefined();
  await expectRefusal(resetSecondFactor({ db }, { userId: user.id }), "conflict");
});

it("is for a confirmed address where mail is delivered, and for people, not for tokens", async () => {
  const user = await createTestUser();
  const ctx = userContextFor(user);
  await expectRefusal(beginSecondFactor(ctx, { isMailDelivered: true }), "conflict");
  const token = { ...ctx, actor: { ...ctx.actor, type: "token" as const, tokenId: user.id } };
  for (const attempt of [
    beginSecondFactor(token, { isMailDelivered: false }),
    confirmSecondFactor(token, { code: "123456" }),
    removeSecondFactor(token, { code: "123456" }),
    renewBackupCodes(token),
    reauthenticate(token, { code: "123456" }),
  ])
    await expectRefusal(attempt, "forbidden");
  await expectRefusal(confirmSecondFactor(ctx, { code: "123456" }), "conflict");
  await expectRefusal(renewBackupCodes(ctx), "conflict");
});

it("the password makes a sign-in recent again, a wrong one does not", async () => {
  const { db } = testDatabase();
  const user = await createTestUser({ passwordHash: await hashPassword("correct horse battery") });
  const session = await signIn(user);
  const longAgo = new Date(Date.now() - 3_600_000);
  await db.update(sessions).set({ authenticatedAt: longAgo }).where(eq(sessions.id, session.id));
  const ctx = { ...userContextFor(user), sessionId: session.id };
  await expectRefusal(reauthenticate(ctx, { password: "wrong" }), "invalid");
  await expectRefusal(reauthenticate(ctx, { code: "123456" }), "invalid");
  expect((await whole(session.id))?.authenticatedAt).toEqual(longAgo);
  await reauthenticate(ctx, { password: "correct horse battery" });
  expect((await whole(session.id))?.authenticatedAt.getTime()).toBeGreaterThan(longAgo.getTime());
  expect((await expectAudit("session.reauthenticate", session.id)).after).toEqual({ by: "password" });
  const open = await db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, user.id), isNull(sessions.revokedAt)));
  expect(open).toEqual([{ id: session.id }]);
});
