import { and, desc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { asWork } from "@/db/deadline";
import { runners, runs, steps } from "@/db/schema";
import type { KnownLife, ListedLife, RunnerBook } from "@/lib/runner/fleet/book";

const forgottenAfter = sql`now() - interval '1 hour'`;
/** More rows than any installation has runners; what is beyond has been silent for longest. */
const maxListed = 1_000;

const listed = {
  id: runners.id,
  name: runners.name,
  address: runners.address,
  fingerprint: runners.fingerprint,
  capacity: runners.capacity,
  isDraining: runners.isDraining,
  silentMs: sql<number>`(extract(epoch from now() - ${runners.beatAt}) * 1000)::float8`,
};

/** Every life of a runner that is not forgotten, the one that was heard last first. */
export const knownRunners = (db: Db): Promise<ListedLife[]> =>
  db.select(listed).from(runners).orderBy(desc(runners.beatAt)).limit(maxListed);

/** One life, null when it is forgotten. */
export async function findRunner(db: Db, id: string): Promise<ListedLife | null> {
  const [found] = await db.select(listed).from(runners).where(eq(runners.id, id));
  return found ?? null;
}

/**
 * A life was heard just now, by who asked it or, as its own word, from itself. Where it is reached, and by which
 * certificate it is known, only its own word changes. No audit: nobody did anything.
 */
export async function noteRunner(db: Db, life: KnownLife, isOwnWord = false): Promise<void> {
  const { name, address, fingerprint, capacity, isDraining } = life;
  const heard = { beatAt: sql`now()`, capacity, isDraining };
  await db
    .insert(runners)
    .values(life)
    .onConflictDoUpdate({
      target: runners.id,
      set: isOwnWord ? { ...heard, name, address, fingerprint } : heard,
    });
}

/** Drops lives that have been silent for an hour. One that an unfinished step names stays, for whoever takes it over. */
export async function forgetRunners(db: Db): Promise<void> {
  const silent = await db
    .select({ id: runners.id })
    .from(runners)
    .where(lt(runners.beatAt, forgottenAfter))
    .limit(maxListed);
  if (silent.length === 0) return;
  const ids = silent.map(({ id }) => id);
  // all tenants: a runner works for every project.
  const named = await db
    .selectDistinct({ id: steps.runnerId })
    .from(runs)
    .innerJoin(steps, eq(steps.runId, runs.id))
    .where(and(eq(runs.state, "running"), isNull(steps.finishedAt), inArray(steps.runnerId, ids)));
  const kept = new Set(named.map(({ id }) => id));
  const gone = ids.filter((id) => !kept.has(id));
  if (gone.length === 0) return;
  await db.delete(runners).where(and(inArray(runners.id, gone), lt(runners.beatAt, forgottenAfter)));
}

/**
 * The product's database as what all who execute know of runners. Many wait for one statement of it: it goes on when the client
 * has gone for whom it began.
 */
export const runnerBook = (db: Db): RunnerBook => ({
  list: () => asWork({ kind: "pulse" }, () => knownRunners(db)),
  find: (life) => asWork({ kind: "pulse" }, () => findRunner(db, life)),
  note: (life) => asWork({ kind: "pulse" }, () => noteRunner(db, life)),
  forget: () => asWork({ kind: "pulse" }, () => forgetRunners(db)),
});
