import type { Beginning } from "./beginnings";
import type { ExecutionHost } from "./host";

/** Who begins runs while they are claimed, with whom, and how they begin. */
export type Opening = { executorId: string; runnerId: string; beginnings: Beginning[] };

/** Null when that cannot be said before a run is known: then it is begun by itself. */
export function openingOf({ executor, runners, beginnings, isStopping }: ExecutionHost): Opening | null {
  const known = beginnings.all();
  const runnerId = known.length > 0 && executor.isReady && !isStopping() ? runners.only() : null;
  return runnerId === null ? null : { executorId: executor.id, runnerId, beginnings: known };
}
