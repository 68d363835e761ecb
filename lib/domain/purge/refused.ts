import type { Sql } from "@/db/client";
import type { Pace } from "./pace";
import { deleteFound, type Found } from "./rows";

/** How long a refused request is kept. */
export const keptHours = 24;

const maxRows = 1_000;
const maxRounds = 20;

/** All tenants': the day is over for everybody's. One that somebody accepts in the meantime stays. */
const over: Found = {
  table: "refused_requests",
  where: `received_at < now() - interval '${keptHours} hours' and accepted_at is null`,
  bytes: "kept",
};

/**
 * Forgets refused requests and repeats that were kept for a day, but for those that somebody has accepted: their messages'
 * receipts tell of them. Returns whether none is left.
 */
export const forgetRefused = (database: Sql, pace: Pace): Promise<boolean> =>
  deleteFound(database, over, [], pace);

/** Forgets how many messages came in minutes that are over. */
export async function forgetArrivals(database: Sql): Promise<number> {
  let forgotten = 0;
  for (let round = 0; round < maxRounds; round++) {
    const gone = await database.query(forgetSomeArrivals, []);
    forgotten += gone.length;
    if (gone.length < maxRows) break;
  }
  return forgotten;
}

const isPast = "ten_seconds < floor(extract(epoch from now()) / 10)::int - 12";
const forgetSomeArrivals = `
-- all tenants: the minutes are over for everybody's
delete from arrival_counts where ${isPast} and ctid = any(array(
  select ctid from arrival_counts where ${isPast} order by ten_seconds limit ${maxRows} for update skip locked
)) returning 1 as one`;
