import type { Sql } from "@/db/client";

/** How long a refused request is kept. */
export const keptHours = 24;

const maxRows = 1_000;
const maxRounds = 20;

/**
 * Forgets refused requests and repeats that were kept for a day, but for those that somebody has accepted: their messages'
 * receipts tell of them. Returns how many; what is left is left to the next minute.
 */
export const forgetRefused = (database: Sql): Promise<number> => inBatches(database, forgetSomeRefused);

/** Forgets how many messages came in minutes that are over. */
export const forgetArrivals = (database: Sql): Promise<number> => inBatches(database, forgetSomeArrivals);

async function inBatches(database: Sql, forgetSome: string): Promise<number> {
  let forgotten = 0;
  for (let round = 0; round < maxRounds; round++) {
    const gone = await database.query(forgetSome, []);
    forgotten += gone.length;
    if (gone.length < maxRows) break;
  }
  return forgotten;
}

/** The conditions stand twice: one that somebody accepts in the meantime stays. */
const isOver = `received_at < now() - interval '${keptHours} hours' and accepted_at is null`;
const forgetSomeRefused = `
-- all tenants: the day is over for everybody's
delete from refused_requests where ${isOver} and ctid = any(array(
  select ctid from refused_requests where ${isOver} order by received_at limit ${maxRows} for update skip locked
)) returning 1 as one`;

const isPast = "ten_seconds < floor(extract(epoch from now()) / 10)::int - 12";
const forgetSomeArrivals = `
-- all tenants: the minutes are over for everybody's
delete from arrival_counts where ${isPast} and ctid = any(array(
  select ctid from arrival_counts where ${isPast} order by ten_seconds limit ${maxRows} for update skip locked
)) returning 1 as one`;
