import { and, eq, gt, sql } from "drizzle-orm";
import { verificationTokens } from "@/db/schema";
import { consumeLimit, limits } from "@/lib/domain/rate-limit/consume";
import type { Guesser } from "@/lib/domain/rate-limit/guess";
import { addressBlock } from "@/lib/net/addresses";
import { Refusal } from "@/lib/refusal";

export const linkMinutes = 15;
/** For so long after a link was mailed to a mailbox, strangers' requests mail no other one. */
export const quietMinutes = 5;

/**
 * Whether a sign-in link that somebody asks for is to be mailed; otherwise one is on its way that is good for another
 * ten minutes. So nobody can lock a mailbox's reader out by asking, nor fill the mailbox: a used link counts no longer,
 * and a browser that is known is mailed another one. Says nothing about whether there is an account. Throws `limit` when
 * one block of addresses asks too often, for whichever mailboxes.
 */
export async function isLinkToBeMailed({ db, address, device }: Guesser, mailbox: string): Promise<boolean> {
  if (device) {
    const isWithin = await consumeLimit(db, `link-device:${mailbox}:${device}`, limits.linkPerDevice).then(
      () => true,
      (error) => {
        if (error instanceof Refusal) return false;
        throw error;
      },
    );
    if (isWithin) return true;
  } else {
    await consumeLimit(db, `link-from:${addressBlock(address)}`, limits.linkPerBlock);
  }
  const goodFor = sql`now() + make_interval(mins => ${linkMinutes - quietMinutes})`;
  const [fresh] = await db
    .select({ expires: verificationTokens.expires })
    .from(verificationTokens)
    .where(and(eq(verificationTokens.identifier, mailbox), gt(verificationTokens.expires, goodFor)))
    .limit(1);
  return fresh === undefined;
}
