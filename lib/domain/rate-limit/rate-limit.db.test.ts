import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rateLimits } from "@/db/schema";
import { stopClock } from "@/lib/testing/clock";
import { ownTestDatabase, testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { consumeLimit, resetLimit, returnUse, slotOf } from "./consume";
import { countGuess, guessLimits } from "./guess";

stopClock();
// Rows are few and shared by chance: what another file, or the test before, has counted is none of a test's business.
beforeAll(async () => {
  await ownTestDatabase();
});
beforeEach(async () => {
  await testDatabase().db.delete(rateLimits);
});

const kinds = ["password"] as const;

describe.each(kinds)("countGuess of a %s", (what) => {
  const { perBlock, perAccount, perDevice, fromBlock } = guessLimits[what];
  const from = (address: string, device?: string) => ({ db: testDatabase().db, address, device });
  const guess = (address: string, account: string, device?: string) =>
    countGuess(from(address, device), what, account);

  it("counts one block of addresses together, and no other with it", async () => {
    const account = randomUUID();
    for (let i = 0; i < perBlock.max; i++)
      await guess(`2001:db8:${i}:1ff::1`.replace(`:${i}:`, ":7:"), account);
    await expectRefusal(guess("2001:db8:7:100::9", account), "limit");
    await guess("2001:db8:7:200::9", account);
    await guess("2001:db8:7:100::9", randomUUID());
  });

  it("counts what unknown browsers try together, and a known one by itself", async () => {
    const account = randomUUID();
    for (let i = 0; i < perAccount.max; i++) await guess(randomUUID(), account);
    await expectRefusal(guess(randomUUID(), account), "limit");
    for (let i = 0; i < perDevice.max; i++) await guess(randomUUID(), account, "known");
    await expectRefusal(guess(randomUUID(), account, "known"), "limit");
    await guess(randomUUID(), account, "another");
  });

  it("counts what one block tries at all accounts", async () => {
    const block = randomUUID();
    const { db } = testDatabase();
    for (let i = 0; i < fromBlock.max; i++) await consumeLimit(db, `${what}-from:${block}`, fromBlock);
    await expectRefusal(guess(block, randomUUID()), "limit");
  });

  it("gives back what was right, and nothing that others used", async () => {
    const account = randomUUID();
    const block = randomUUID();
    for (let i = 0; i < perBlock.max - 1; i++) await guess(block, account);
    const wasRight = await guess(block, account);
    await wasRight();
    for (let i = 0; i < perBlock.max; i++) await guess(block, account);
    await expectRefusal(guess(block, account), "limit");
  });
});

describe("the table of counts", () => {
  it("has a bounded number of rows a kind, whatever strangers make up, and none of their words", () => {
    const slots = new Set<string>();
    for (let i = 0; i < 100_000; i++) slots.add(slotOf(`password:${i}@example.org:203.0.113.0/24`));
    expect(slots.size).toBeLessThanOrEqual(65_536);
    for (const slot of [...slots].slice(0, 100)) expect(slot).toMatch(/^password:[0-9a-f]{4}$/);
  });

  it("gives one of many uses back, and a key's own rows of windows that are over", async () => {
    const { db } = testDatabase();
    const key = `test:${randomUUID()}`;
    const limit = { max: 2, windowSeconds: 3600 };
    await db.execute(
      sql`insert into rate_limits (key, window_start, count) values (${slotOf(key)}, now() - interval '3 hours', 9)`,
    );
    await consumeLimit(db, key, limit);
    await consumeLimit(db, key, limit);
    await returnUse(db, key, limit);
    await consumeLimit(db, key, limit);
    await expectRefusal(consumeLimit(db, key, limit), "limit");
    const rows = await db
      .select()
      .from(rateLimits)
      .where(eq(rateLimits.key, slotOf(key)));
    expect(rows).toHaveLength(1);
    await resetLimit(db, key);
    await consumeLimit(db, key, limit);
  });
});
