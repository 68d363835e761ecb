import { and, eq, lt, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rateLimits } from "@/db/schema";
import { keepsAnnouncements } from "@/lib/queue/announce";
import { Refusal } from "@/lib/refusal";

/** At most `max` in a window of `windowSeconds`. */
export type Limit = { max: number; windowSeconds: number };

/** Strict where one account is guessed at, generous where many people share an address. */
export const limits = {
  passwordPerAccount: { max: 10, windowSeconds: 900 },
  passwordPerAddress: { max: 500, windowSeconds: 900 },
  registrationPerAddress: { max: 500, windowSeconds: 3600 },
  linkPerAccount: { max: 5, windowSeconds: 900 },
  linkPerAddress: { max: 100, windowSeconds: 900 },
  secondFactor: { max: 10, windowSeconds: 900 },
  secondFactorPerDay: { max: 50, windowSeconds: 86_400 },
  invitationPerUser: { max: 60, windowSeconds: 3600 },
} as const satisfies Record<string, Limit>;

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
 * Counts one use of `key`, before and apart from what it is used for. Throws `limit`, with the seconds to wait, from the
 * use after the last allowed one on.
 */
export async function consumeLimit(db: Db, key: string, limit: Limit): Promise<void> {
  if (keepsAnnouncements(db))
    throw new Error("Attempts are counted outside write(): a refusal would undo it.");
  const { start, endsInSeconds } = windowOf(limit);
  const [row] = await db
    .insert(rateLimits)
    .values({ key, windowStart: start, count: 1 })
    .onConflictDoUpdate({
      target: [rateLimits.key, rateLimits.windowStart],
      set: { count: sql`${rateLimits.count} + 1` },
    })
    .returning({ count: rateLimits.count });
  if ((row?.count ?? 0) === 1) await forgetOld(db, key, start);
  if ((row?.count ?? 0) > limit.max) throw refusal(endsInSeconds);
}

/** Gives back the uses of `key`, after the attempt that they guard against turned out to be right. */
export async function resetLimit(db: Db, key: string): Promise<void> {
  await db.delete(rateLimits).where(eq(rateLimits.key, key));
}

/** Rows of earlier windows: this key's at once, everybody's now and then. */
async function forgetOld(db: Db, key: string, start: Date): Promise<void> {
  await db.delete(rateLimits).where(and(eq(rateLimits.key, key), lt(rateLimits.windowStart, start)));
  if (Math.random() < 0.01)
    await db.delete(rateLimits).where(lt(rateLimits.windowStart, sql`now() - interval '1 day'`));
}
