import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rateLimits, verificationTokens } from "@/db/schema";
import { forgetLinks } from "@/lib/auth/forget-links";
import { limits } from "@/lib/domain/rate-limit/consume";
import { stopClock } from "@/lib/testing/clock";
import { ownTestDatabase, testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { isLinkToBeMailed, linkMinutes, quietMinutes } from "./link-request";

stopClock();
// Counts are few rows that all of a kind share: what another file, or the test before, has counted is none of a test's.
beforeAll(async () => {
  await ownTestDatabase();
});
beforeEach(async () => {
  await testDatabase().db.delete(rateLimits);
});

const newMailbox = () => `u-${randomUUID()}@example.org`;
const from = (address = randomUUID() as string, device?: string) => ({
  db: testDatabase().db,
  address,
  device,
});

/** What the library stores when a link is mailed. */
const mailed = (mailbox: string, minutesAgo = 0) =>
  testDatabase()
    .db.insert(verificationTokens)
    .values({
      identifier: mailbox,
      token: randomUUID(),
      expires: new Date(Date.now() + (linkMinutes - minutesAgo) * 60_000),
    });

describe("isLinkToBeMailed", () => {
  it("mails one link, whoever asks for it how often, while that one is good for ten minutes more", async () => {
    const mailbox = newMailbox();
    expect(await isLinkToBeMailed(from(), mailbox)).toBe(true);
    await mailed(mailbox);
    for (let i = 0; i < 40; i++) expect(await isLinkToBeMailed(from(), mailbox)).toBe(false);
    expect(await isLinkToBeMailed(from(), newMailbox())).toBe(true);
  });

  it("never keeps the mailbox's reader from one: what was used or is getting old is mailed anew", async () => {
    const mailbox = newMailbox();
    await mailed(mailbox, quietMinutes + 1);
    for (let i = 0; i < 20; i++) expect(await isLinkToBeMailed(from(), mailbox)).toBe(true);
    await mailed(mailbox);
    expect(await isLinkToBeMailed(from(), mailbox)).toBe(false);
    await forgetLinks(testDatabase().db, mailbox);
    expect(await isLinkToBeMailed(from(), mailbox)).toBe(true);
  });

  it("mails a known browser another one, within its own bound", async () => {
    const mailbox = newMailbox();
    await mailed(mailbox);
    const known = from(randomUUID(), "known");
    for (let i = 0; i < limits.linkPerDevice.max; i++)
      expect(await isLinkToBeMailed(known, mailbox)).toBe(true);
    expect(await isLinkToBeMailed(known, mailbox)).toBe(false);
  });

  it("refuses one block of addresses that asks for very many mailboxes, and nobody else", async () => {
    for (let i = 0; i < limits.linkPerBlock.max; i++)
      await isLinkToBeMailed(from(`198.51.100.${i}`), newMailbox());
    await expectRefusal(isLinkToBeMailed(from("198.51.100.200"), newMailbox()), "limit");
    expect(await isLinkToBeMailed(from("198.51.101.1"), newMailbox())).toBe(true);
  });
});
