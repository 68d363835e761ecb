import type { Database } from "@/db/client";
import type { Announce } from "@/lib/queue/announce";
import { cancelRunning, cancelWaiting } from "./drain";
import { paceOf, paceWithin } from "./pace";
import { type ForgetInEngine, purgeProject } from "./project";
import { purgeUser } from "./user";

export type Purger = { database: Database; announce: Announce; forgetInEngine: ForgetInEngine };

const leastShareMs = 1_000;

/** Counts, never ids: whoever remembers this must not keep what was purged. */
export type CarriedOut = { cancelled: number; projects: number; users: number; isDone: boolean };

/**
 * Carries out what people asked to delete, for about `budgetMs`: cancels what waits in projects that are being deleted, and
 * purges projects and accounts whose seven days are over. `isDone` is false while there is more to purge now. Throws what went
 * wrong with one of them, after the others.
 */
export async function carryOutDeletions(
  { database, announce, forgetInEngine }: Purger,
  budgetMs: number,
): Promise<CarriedOut> {
  const pace = paceOf(budgetMs);
  const done: CarriedOut = { cancelled: 0, projects: 0, users: 0, isDone: true };
  const failures: unknown[] = [];
  const projects = await database.query<{ id: string; isDue: boolean }>(
    `select id, deletes_at <= now() as "isDue" from projects where deletes_at is not null order by deletes_at, id limit 1000`,
  );
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      // Nobody's defect keeps the others waiting.
      failures.push(error);
    }
  };
  for (const { id } of projects)
    await attempt(async () => {
      done.cancelled += await cancelWaiting(database, id, { pace, announce });
    });
  const due = projects.filter(({ isDue }) => isDue);
  for (const { id } of due)
    await attempt(async () => {
      await cancelRunning(database, id, { announce });
      // A large one holds up neither another nor accounts.
      const share = paceWithin(pace, Math.max(leastShareMs, budgetMs / (due.length + 1)));
      if (await purgeProject(database, id, { pace: share, forgetInEngine })) done.projects++;
      else done.isDone = false;
    });
  const users = await database.query<{ id: string }>(
    "select id from users where deletes_at <= now() order by deletes_at, id limit 1000",
  );
  for (const { id } of users)
    await attempt(async () => {
      if (await purgeUser(database, id, pace)) done.users++;
      else done.isDone = false;
    });
  if (failures.length > 0) throw failures[0];
  return done;
}
