import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";

type Offline = { during: string; isOver: boolean; tried: Error | undefined };

const offline = new AsyncLocalStorage<Offline>();

/**
 * Runs `work` with the network out of reach: every door to it that is ours (`requireNetwork`) refuses until it is done,
 * and a request through any other makes it fail. A transaction that waits for somebody else's server keeps a connection
 * and its locks from everybody. Throws for a call that was tried, whatever `work` made of the refusal.
 */
export async function withoutNetwork<T>(during: string, work: () => Promise<T>): Promise<T> {
  const here: Offline = { during, isOver: false, tried: undefined };
  try {
    const result = await offline.run(here, work);
    if (here.tried) throw here.tried;
    return result;
  } catch (error) {
    throw here.tried ?? error;
  } finally {
    // Timers and connections that began in it live on, and are not in it any more.
    here.isOver = true;
  }
}

/** First line of whatever calls another program. Throws inside `withoutNetwork`: a defect of the caller, not a refusal. */
export function requireNetwork(call: string): void {
  const tried = noteTried(call);
  if (tried) throw tried;
}

function noteTried(call: string): Error | undefined {
  const here = offline.getStore();
  if (!here || here.isOver) return undefined;
  here.tried ??= new Error(`${call} inside ${here.during}: ask before it begins, or after it is committed.`);
  return here.tried;
}

/** Doors that are not ours: `node:http` (and SDKs upon it) and `fetch`. Nobody can hold them shut, but they report. */
for (const door of ["http.client.request.start", "undici:request:create"])
  subscribe(door, () => void noteTried("A request"));
