/** On `globalThis`, because the server's bundle and Next's are two module worlds in one process. */
const shared = globalThis as { waybillIsStopping?: boolean; waybillLastWords?: (() => Promise<void>)[] };

/** From now on this process ends what it does and begins nothing that takes long. */
export const beginStopping = (): void => {
  shared.waybillIsStopping = true;
};

/** Whether this process is being stopped: what goes on in pieces is given back between two of them. */
export const isStopping = (): boolean => shared.waybillIsStopping === true;

/** Has something done when nothing is under way any more, before the database is closed. */
export const beforeTheEnd = (work: () => Promise<void>): void => {
  shared.waybillLastWords = [...(shared.waybillLastWords ?? []), work];
};

/** Does it. Never throws: what is not said is found out by others. */
export async function sayLastWords(): Promise<void> {
  await Promise.allSettled((shared.waybillLastWords ?? []).map((work) => work()));
}
