import { randomUUID } from "node:crypto";
import type { Account, Profile } from "next-auth";
import { beforeAll, describe, expect, it } from "vitest";
import { accounts } from "@/db/schema";
import { testDatabase } from "@/lib/testing/database";
import { createTestUser } from "@/lib/testing/fixtures";
import { adapter } from "./adapter";
import { authOptions } from "./options";

beforeAll(() => {
  testDatabase();
});

const newEmail = () => `u-${randomUUID()}@example.org`;
const signIn = (input: { email: string; account: Account; profile?: object; isLinkRequest?: boolean }) =>
  authOptions(new Headers({ "x-waybill-sender": "203.0.113.9" }), () => {}).callbacks?.signIn?.({
    user: { id: "x", email: input.email },
    account: input.account,
    ...(input.profile ? { profile: input.profile as Profile } : {}),
    ...(input.isLinkRequest ? { email: { verificationRequest: true } } : {}),
  });
const oauth = (providerAccountId: string): Account => ({
  type: "oauth",
  provider: "oidc",
  providerAccountId,
});
const byMail: Account = { type: "email", provider: "email", providerAccountId: "x" };

describe("asking for a link", () => {
  it("is answered the same for every mailbox, the first time and while one is on its way", async () => {
    const answers: unknown[][] = [];
    for (const email of [(await createTestUser()).email, newEmail()]) {
      const ask = () => signIn({ email, account: byMail, isLinkRequest: true });
      const first = await ask();
      const expires = new Date(Date.now() + 15 * 60_000);
      await adapter.createVerificationToken?.({ identifier: email, token: randomUUID(), expires });
      answers.push([first, await ask()]);
    }
    expect(answers[0]).toEqual([true, expect.stringMatching(/\/api\/auth\/verify-request\?provider=email/)]);
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe("signing in with a provider", () => {
  const unproven = { email_verified: false };

  it("tells nothing of an address that the provider has not checked", async () => {
    const known = await createTestUser();
    for (const email of [known.email, newEmail()])
      expect(await signIn({ email, account: oauth(randomUUID()), profile: unproven })).toBe(
        "/sign-in?error=MailboxUnproven",
      );
  });

  it("goes on working for who is linked already, and for proven addresses", async () => {
    const user = await createTestUser();
    const providerAccountId = randomUUID();
    await testDatabase()
      .db.insert(accounts)
      .values({ userId: user.id, type: "oauth", provider: "oidc", providerAccountId });
    const { email } = user;
    expect(await signIn({ email, account: oauth(providerAccountId), profile: unproven })).toBe(true);
    const proven = { email_verified: true };
    expect(await signIn({ email: newEmail(), account: oauth(randomUUID()), profile: proven })).toBe(true);
    expect(await signIn({ email: newEmail(), account: oauth(randomUUID()), profile: {} })).toBe(true);
  });
});
