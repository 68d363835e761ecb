import { currentWork, stopIfHungUp } from "@/db/deadline";
import { FairQueue } from "@/lib/net/fair-queue";
import { Refusal } from "@/lib/refusal";

/**
 * Reads that cost more than a page of a list, at once: of everybody in this process, and of one project. On `globalThis`,
 * because pages and routes are module worlds of their own.
 */
const shared = globalThis as { waybillHeavyReads?: FairQueue };
shared.waybillHeavyReads ??= new FairQueue({ total: 4, perTenant: 2, maxWaiting: 8 });
const lines = shared.waybillHeavyReads;
const patienceMs = 4_000;
const retryAfterSeconds = 3;

/**
 * Does an expensive read in the project's turn, so that nobody's searches hold all connections. Throws `limit` with the
 * seconds to wait when it does not come soon, and the reason of the work's signal when its client hangs up meanwhile.
 */
export async function heavyRead<T>(projectId: string, read: () => Promise<T>): Promise<T> {
  const result = await lines
    .runWithin(projectId, patienceMs, read, currentWork()?.signal)
    .catch((error: unknown) => {
      stopIfHungUp();
      throw error;
    });
  if (result !== "full" && result !== "late") return result;
  stopIfHungUp();
  throw new Refusal(
    "limit",
    `Two searches of a project run at a time, and others wait already. Try again in ${retryAfterSeconds} seconds.`,
    undefined,
    retryAfterSeconds,
  );
}
