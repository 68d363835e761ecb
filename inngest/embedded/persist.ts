import { isConflict, isOutage } from "@/db/outage";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Does `work` until the database took it: conflicts at once, outages with growing pauses for `patienceMs`. The fence in
 * the statements makes repeating harmless. Any other error is thrown.
 */
export async function persist<T>(work: () => Promise<T>, patienceMs = 120_000): Promise<T> {
  const giveUpAt = Date.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const again = isConflict(error) ? attempt < 10 : isOutage(error) && Date.now() < giveUpAt;
      if (!again) throw error;
      await pause(isConflict(error) ? 5 * attempt * Math.random() : Math.min(2000, 50 * 2 ** attempt));
    }
  }
}
