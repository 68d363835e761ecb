import { AsyncLocalStorage } from "node:async_hooks";

const offline = new AsyncLocalStorage<string>();

/**
 * Runs `work` with the network out of reach: every door to it that is ours (`requireNetwork`) refuses until it is done.
 * A transaction that waits for somebody else's server keeps a connection and its locks from everybody.
 */
export const withoutNetwork = <T>(during: string, work: () => Promise<T>): Promise<T> =>
  offline.run(during, work);

/** First line of whatever calls another program. Throws inside `withoutNetwork`: a defect of the caller, not a refusal. */
export function requireNetwork(call: string): void {
  const during = offline.getStore();
  if (during) throw new Error(`${call} inside ${during}: ask before it begins, or after it is committed.`);
}
