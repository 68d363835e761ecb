import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { apiTokens, users } from "@/db/schema";
import { hashPassword } from "@/lib/crypto/password";
import { createInvitation } from "@/lib/domain/invitation/create";
import { consumeLimit, slotOf } from "@/lib/domain/rate-limit/consume";
import { guessLimits } from "@/lib/domain/rate-limit/guess";
import { createSession } from "@/lib/domain/session/create";
import { resolveSession } from "@/lib/domain/session/resolve";
import { createToken } from "@/lib/domain/token/create";
import { resolveToken } from "@/lib/domain/token/resolve";
import { stopClock } from "@/lib/testing/clock";
import { testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  userContextFor,
} from "@/lib/testing/fixtures";
import { authenticateUser } from "./authenticate";
import { changePassword } from "./change-password";
import { createUser } from "./create";
import { getUser } from "./get";
import { registerUser } from "./register";
import { updateUser } from "./update";
import { verifyEmail } from "./verify-email";

const password = "correct horse battery";
const newEmail = () => `u-${randomUUID()}@example.org`;
const visitor = () => ({
  db: testDatabase().db,
  address: randomUUID(),
  isSignupOpen: true,
  isMailDelivered: true,
});

stopClock();
beforeAll(() => {
  testDatabase();
});

describe("createUser", () => {
  it("lower-cases the e-mail, keeps no password in clear, and is audited", async () => {
    const email = newEmail();
    const ctx = { db: testDatabase().db, actor: { type: "system" as const, label: "operator" } };
    const user = await createUser(ctx, { email: ` ${email.toUpperCase()} `, name: "Ada", password });
    expect(user.email).toBe(email);
    const [row] = await testDatabase().db.select().from(users).where(eq(users.id, user.id));
    expect(row?.passwordHash).toMatch(/^scrypt\$/);
    const event = await expectAudit("user.create", user.id);
    expect(event.actorLabel).toBe("operator");
    expect(JSON.stringify(event)).not.toContain(password);
  });

  it("refuses an e-mail in use, whatever its case", async () => {
    const { email } = await createTestUser();
    await expectRefusal(createUser({ db: testDatabase().db }, { email: email.toUpperCase() }), "conflict");
  });

  it("refuses short passwords and addresses that are none", async () => {
    const { db } = testDatabase();
    await expect(createUser({ db }, { email: newEmail(), password: "short" })).rejects.toThrow(
      /10 characters/,
    );
    await expect(createUser({ db }, { email: "nobody" })).rejects.toThrow(/e-mail/);
  });
});

describe("authenticateUser", () => {
  it("knows the right password only, and says the same for unknown and disabled users", async () => {
    const { db } = testDatabase();
    const email = newEmail();
    const user = await createUser({ db }, { email, password });
    const from = { db, address: randomUUID() };
    expect(await authenticateUser(from, { email: email.toUpperCase(), password })).toMatchObject({
      id: user.id,
    });
    expect(await authenticateUser(from, { email, password: "wrong password" })).toBeUndefined();
    expect(await authenticateUser(from, { email: newEmail(), password })).toBeUndefined();
    await db.update(users).set({ disabledAt: new Date() }).where(eq(users.id, user.id));
    expect(await authenticateUser(from, { email, password })).toBeUndefined();
  });

  it("stops guessing at one account, wherever it comes from, and says when to try again", async () => {
    const { db } = testDatabase();
    const email = newEmail();
    await createUser({ db }, { email, password });
    const { perAccount } = guessLimits.password;
    for (let i = 0; i < perAccount.max - 2; i++) await consumeLimit(db, `password-all:${email}`, perAccount);
    const guess = () =>
      authenticateUser({ db, address: randomUUID() }, { email, password: "wrong password" });
    for (let i = 0; i < 2; i++) expect(await guess()).toBeUndefined();
    const refusal = await expectRefusal(guess(), "limit");
    expect(refusal.retryAfterSeconds).toBeGreaterThan(0);
    expect(refusal.retryAfterSeconds).toBeLessThanOrEqual(perAccount.windowSeconds);
    expect(refusal.message).toMatch(/Try again in/);
  });

  it("keeps nobody out for what somebody else tried elsewhere, nor out of a browser that is known", async () => {
    const { db } = testDatabase();
    const email = newEmail();
    const user = await createUser({ db }, { email, password });
    const stranger = { db, address: "203.0.113.9" };
    const { perBlock, perAccount } = guessLimits.password;
    for (let i = 0; i < perBlock.max; i++)
      expect(await authenticateUser(stranger, { email, password: "wrong password" })).toBeUndefined();
    await expectRefusal(authenticateUser(stranger, { email, password }), "limit");
    const neighbour = { db, address: "203.0.113.200" };
    await expectRefusal(authenticateUser(neighbour, { email, password }), "limit");
    const elsewhere = { db, address: "198.51.100.1" };
    expect(await authenticateUser(elsewhere, { email, password })).toMatchObject({ id: user.id });
    for (let i = 0; i < perAccount.max; i++)
      await consumeLimit(db, `password-all:${email}`, perAccount).catch(() => undefined);
    await expectRefusal(authenticateUser(elsewhere, { email, password }), "limit");
    const known = { ...stranger, device: "a-browser" };
    expect(await authenticateUser(known, { email, password })).toMatchObject({ id: user.id });
  });

  it("forgets wrong passwords once the right one came", async () => {
    const { db } = testDatabase();
    const email = newEmail();
    await createUser({ db }, { email, password });
    const from = { db, address: randomUUID() };
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < guessLimits.password.perBlock.max - 1; i++)
        await authenticateUser(from, { email, password: "wrong password" });
      expect(await authenticateUser(from, { email, password })).toBeDefined();
    }
  });
});

describe("registerUser", () => {
  it("makes an account whose e-mail nobody has proven yet", async () => {
    const email = newEmail();
    const user = await registerUser(visitor(), { name: "Ada", email, password });
    expect(user).toMatchObject({ email, isNew: true });
    expect(await getUser(userContextFor(user))).toMatchObject({ isEmailVerified: false, hasPassword: true });
  });

  it("with an existing account's password signs in to it, with another one refuses", async () => {
    const email = newEmail();
    const first = await registerUser(visitor(), { name: "Ada", email, password });
    const again = await registerUser(visitor(), { name: "Ada", email, password });
    expect(again).toMatchObject({ id: first.id, isNew: false });
    await expectRefusal(
      registerUser(visitor(), { name: "Eve", email, password: "another password" }),
      "conflict",
    );
  });

  it("is by invitation only where sign-up is closed; the link proves the mailbox", async () => {
    const closed = () => ({ ...visitor(), isSignupOpen: false });
    const email = newEmail();
    await expectRefusal(registerUser(closed(), { name: "Ada", email, password }), "forbidden");
    const owner = await createTestUser();
    const project = await createTestProject({ owner });
    const { link } = await createInvitation(contextFor(owner, project), { email, role: "viewer" });
    const invitation = link?.split("/").at(-1) ?? "";
    const stranger = registerUser(closed(), { name: "Eve", email: newEmail(), password, invitation });
    await expectRefusal(stranger, "forbidden");
    const user = await registerUser(closed(), { name: "Ada", email, password, invitation });
    expect(await getUser(userContextFor(user))).toMatchObject({ isEmailVerified: true });
  });

  it("does not believe a link that was shown to the inviter", async () => {
    const owner = await createTestUser();
    const email = newEmail();
    const ctx = contextFor(owner, await createTestProject({ owner }));
    const { link } = await createInvitation(ctx, { email, role: "viewer" });
    const invitation = link?.split("/").at(-1) ?? "";
    const user = await registerUser(
      { ...visitor(), isMailDelivered: false },
      { name: "Ada", email, password, invitation },
    );
    expect(await getUser(userContextFor(user))).toMatchObject({ isEmailVerified: false });
  });

  it.each([true, false])(
    "answers the same for every e-mail where others can ask, with mails delivered: %s",
    async (isMailDelivered) => {
      const reached = () => ({ ...visitor(), isMailDelivered, needsInvitation: true });
      const owner = await createTestUser();
      const ctx = contextFor(owner, await createTestProject({ owner }));
      const invited = newEmail();
      const { link } = await createInvitation(ctx, { email: invited, role: "viewer" });
      const stranger = { name: "Eve", password, invitation: "wbi_of_nobody" };
      const refusals = new Set<string>();
      for (const email of [owner.email, invited, newEmail()])
        for (const input of [
          { name: "Eve", email, password },
          { ...stranger, email },
        ])
          refusals.add(JSON.stringify(await expectRefusal(registerUser(reached(), input), "forbidden")));
      expect(refusals.size).toBe(1);
      const invitation = link?.split("/").at(-1) ?? "";
      const foreign = registerUser(reached(), { name: "Eve", email: owner.email, password, invitation });
      await expectRefusal(foreign, "forbidden");
      const user = await registerUser(reached(), { name: "Ada", email: invited, password, invitation });
      expect(user).toMatchObject({ email: invited, isNew: true });
    },
  );

  it("limits how many accounts one address makes", async () => {
    const from = visitor();
    const { db } = testDatabase();
    await db.execute(
      `insert into rate_limits (key, window_start, count)
       values ('${slotOf(`register:${from.address}`)}', to_timestamp(floor(${Date.now() / 1000} / 3600) * 3600), 500)`,
    );
    await expectRefusal(registerUser(from, { name: "Ada", email: newEmail(), password }), "limit");
  });
});

describe("verifyEmail", () => {
  it("ends what somebody else set up at this address before its reader came", async () => {
    const { db } = testDatabase();
    const user = await createUser({ db }, { email: newEmail(), password });
    const session = await createSession(db, { userId: user.id });
    const token = await createToken(userContextFor(user), { name: "t" });
    await verifyEmail(db, { userId: user.id, isOwnBrowser: false });
    expect(await resolveSession(db, session.id)).toBeUndefined();
    expect(await resolveToken(db, token.token)).toBeUndefined();
    expect(await getUser(userContextFor(user))).toMatchObject({ hasPassword: false, isEmailVerified: true });
    await expectAudit("user.verify_email", user.id);
  });

  it("keeps everything when the link is opened where the user is signed in, and happens once", async () => {
    const { db } = testDatabase();
    const user = await createUser({ db }, { email: newEmail(), password });
    const session = await createSession(db, { userId: user.id });
    await verifyEmail(db, { userId: user.id, isOwnBrowser: true });
    await verifyEmail(db, { userId: user.id, isOwnBrowser: false });
    expect(await resolveSession(db, session.id)).toBeDefined();
    expect(await getUser(userContextFor(user))).toMatchObject({ hasPassword: true, isEmailVerified: true });
    await expectAudit("user.verify_email", user.id);
  });
});

describe("a password that is guessed first", () => {
  const weak = ["1111111111", "password12", "waybill2026"];

  it("is refused wherever one is chosen, with the sentence at its field", async () => {
    const { db } = testDatabase();
    const user = await createUser({ db }, { email: newEmail(), password });
    for (const one of weak) {
      const made = await expectRefusal(createUser({ db }, { email: newEmail(), password: one }), "invalid");
      expect(made.details).toEqual({ password: [made.message] });
      await expectRefusal(
        registerUser(visitor(), { name: "A", email: newEmail(), password: one }),
        "invalid",
      );
      const changed = await expectRefusal(
        changePassword(userContextFor(user), { current: password, next: one }),
        "invalid",
      );
      expect(changed.details).toEqual({ next: [changed.message] });
    }
    const own = createUser({ db }, { email: "grace.hopper@example.org", password: "gracehopper1" });
    await expectRefusal(own, "invalid");
  });

  it("still signs in whoever chose it before", async () => {
    const { db } = testDatabase();
    const user = await createTestUser();
    const passwordHash = await hashPassword("password12");
    await db.update(users).set({ passwordHash }).where(eq(users.id, user.id));
    const given = { email: user.email, password: "password12" };
    expect(await authenticateUser({ db, address: randomUUID() }, given)).toMatchObject({ id: user.id });
  });
});

describe("own account", () => {
  it("renames with before and after in the audit", async () => {
    const user = await createTestUser({ name: "Old" });
    await updateUser(userContextFor(user), { name: " New " });
    expect(await expectAudit("user.update", user.id)).toMatchObject({
      before: { name: "Old" },
      after: { name: "New" },
    });
  });

  it("changes the password only with the current one, and signs other browsers out", async () => {
    const { db } = testDatabase();
    const user = await createUser({ db }, { email: newEmail(), password });
    const mine = await createSession(db, { userId: user.id });
    const other = await createSession(db, { userId: user.id });
    const ctx = { ...userContextFor(user), sessionId: mine.id };
    await expectRefusal(
      changePassword(ctx, { current: "wrong password", next: "a new password" }),
      "invalid",
    );
    await changePassword(ctx, { current: password, next: "a new password" });
    await expectAudit("user.change_password", user.id);
    expect(await resolveSession(db, mine.id)).toBeDefined();
    expect(await resolveSession(db, other.id)).toBeUndefined();
    const from = { db, address: randomUUID() };
    expect(await authenticateUser(from, { email: user.email, password: "a new password" })).toBeDefined();
  });

  it("is not for API tokens to change the password of", async () => {
    const user = await createTestUser();
    const { id } = await createToken(userContextFor(user), { name: "t" });
    const ctx = userContextFor(user);
    const actor = { type: "token" as const, userId: user.id, tokenId: id, label: "t" };
    await expectRefusal(changePassword({ ...ctx, actor }, { next: "a new password" }), "forbidden");
    await expectRefusal(createToken({ ...ctx, actor }, { name: "another" }), "forbidden");
    const rows = await ctx.db.select().from(apiTokens).where(eq(apiTokens.userId, user.id));
    expect(rows).toHaveLength(1);
  });
});
