import { createHmac } from "node:crypto";
import { and, eq, lt, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rateLimits } from "@/db/schema";
import { deriveKey } from "@/lib/crypto/keys";
import { keepsAnnouncements } from "@/lib/queue/announce";
import { Refusal } from "@/lib/refusal";

/** At most `max` in a window of `windowSeconds`. */
export type Limit = { max: number; windowSeconds: number };

/** Generous where many people share an address. Those of guesses: ./guess.ts. */
export const limits = {
  passwordChange: { max: 10, windowSeconds: 900 },
  registrationPerBlock: { max: 500, windowSeconds: 3600 },
  linkPerBlock: { max: 100, windowSeconds: 900 },
  linkPerDevice: { max: 5, windowSeconds: 900 },
  secondFactor: { max: 10, windowSeconds: 900 },
  secondFactorPerDay: { max: 50, windowSeconds: 86_400 },
  invitationPerUser: { max: 60, windowSeconds: 3600 },
  noticeTest: { max: 30, windowSeconds: 3600 },
} as const satisfies Record<string, Limit>;

/**
 * Where `kind:subject` is counted: one of 65,536 rows of its kind, chosen by a keyed hash. So the table is bounded
 * whatever addresses and accounts strangers make up, holds none of them, and nobody can aim at another's row.
 */
export function slotOf(key: string): string {
  const kind = key.slice(0, key.indexOf(":"));
  return `${kind}:${createHmac("sha256", deriveKey("limits")).update(key).digest("hex").slice(0, 4)}`;
}

const windowOf = ({ windowSeconds }: Limit) => {
  const start = Math.floor(Date.now() / 1000 / windowSeconds) * windowSeconds;
  return {
    start: new Date(start * 1000),
    endsInSeconds: Math.ceil(start + windowSeconds - Date.now() / 1000),
  };
};

function refusal(retryAfterSeconds: number): Refusal {
  const minutes = Math.ceil(retryAfterSeconds / 60);
  const wait = minutes === 1 ? "a minute" : `${minutes} minutes`;
  return new Refusal("limit", `Too many attempts. Try again in ${wait}.`, undefined, retryAfterSeconds);
}

/**
 * Counts one use of `kind:subject`, before and apart from what it is used for. Throws `limit`, with the seconds to wait,
 * from the use after the last allowed one on.
 */
export async function consumeLimit(db: Db, key: string, limit: Limit): Promise<void> {
  if (keepsAnnouncements(db))
    throw new Error("Attempts are counted outside write(): a refusal would undo it.");
  const slot = slotOf(key);
  const { start, endsInSeconds } = windowOf(limit);
  const [row] = await db
    .insert(rateLimits)
    .values({ key: slot, windowStart: start, count: 1 })
    .onConflictDoUpdate({
      target: [rateLimits.key, rateLimits.windowStart],
      set: { count: sql`${rateLimits.count} + 1` },
    })
    .returning({ count: rateLimits.count });
  if ((row?.count ?? 0) === 1) await forgetOld(db, slot, start);
  if ((row?.count ?? 0) > limit.max) throw refusal(endsInSeconds);
}

/** Gives back all uses of a key, after the attempt that they guard against turned out to be right. */
export async function resetLimit(db: Db, key: string): Promise<void> {
  await db.delete(rateLimits).where(eq(rateLimits.key, slotOf(key)));
}

/** Gives back one use of a key that many share. */
export async function returnUse(db: Db, key: string, limit: Limit): Promise<void> {
  const isIt = and(eq(rateLimits.key, slotOf(key)), eq(rateLimits.windowStart, windowOf(limit).start));
  await db
    .update(rateLimits)
    .set({ count: sql`greatest(${rateLimits.count} - 1, 0)` })
    .where(isIt);
}

/** Rows of earlier windows: this slot's at once, everybody's now and then. */
async function forgetOld(db: Db, slot: string, start: Date): Promise<void> {
  await db.delete(rateLimits).where(and(eq(rateLimits.key, slot), lt(rateLimits.windowStart, start)));
  if (Math.random() < 0.01)
    await db.delete(rateLimits).where(lt(rateLimits.windowStart, sql`now() - interval '1 day'`));
}
