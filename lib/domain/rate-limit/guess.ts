import type { Db } from "@/db/client";
import { addressBlock } from "@/lib/net/addresses";
import { consumeLimit, type Limit, resetLimit, returnUse } from "./consume";

/** Where somebody guesses from. `device`: the browser's id, when it has signed in to this very account before. */
export type Guesser = { db: Db; address: string; device?: string | undefined };

type GuessLimits = {
  /** One account, from one block of addresses. */
  perBlock: Limit;
  /** One account, from wherever: what slows many addresses down. Browsers that are known do not count here. */
  perAccount: Limit;
  /** One account, from a browser that is known. */
  perDevice: Limit;
  /** Every account, from one block of addresses. */
  fromBlock: Limit;
};

/** What can be guessed. Codes of a second factor are counted by user: lib/domain/second-factor/take-code.ts. */
export const guessLimits = {
  password: {
    perBlock: { max: 10, windowSeconds: 900 },
    perAccount: { max: 100, windowSeconds: 3600 },
    perDevice: { max: 10, windowSeconds: 900 },
    fromBlock: { max: 500, windowSeconds: 900 },
  },
} as const satisfies Record<string, GuessLimits>;

/**
 * Counts a guess before it is looked at; `account` is whatever names it, whether or not there is one. Strangers use up
 * what their own block of addresses may try, and together what unknown browsers may: never what a browser may that has
 * signed in before, nor the mailed link (lib/domain/user/link-request.ts). Throws `limit`. Call what it returns when the
 * guess was right.
 */
export async function countGuess(
  { db, address, device }: Guesser,
  what: keyof typeof guessLimits,
  account: string,
): Promise<() => Promise<void>> {
  const { perBlock, perAccount, perDevice, fromBlock } = guessLimits[what];
  if (device) {
    const ofDevice = `${what}-device:${account}:${device}`;
    await consumeLimit(db, ofDevice, perDevice);
    return () => resetLimit(db, ofDevice);
  }
  const block = addressBlock(address);
  const ofAll = `${what}-from:${block}`;
  const ofBlock = `${what}:${account}:${block}`;
  const ofAccount = `${what}-all:${account}`;
  await consumeLimit(db, ofAll, fromBlock);
  await consumeLimit(db, ofBlock, perBlock);
  await consumeLimit(db, ofAccount, perAccount);
  return async () => {
    await resetLimit(db, ofBlock);
    await returnUse(db, ofAccount, perAccount);
    await returnUse(db, ofAll, fromBlock);
  };
}
