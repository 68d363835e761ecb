import type { Sql } from "@/db/client";
import { repeatHours } from "@/lib/inbox/delivery";

const maxRows = 5_000;
const maxRounds = 20;

/**
 * Forgets deliveries whose repeats are not recognised any more, but for those whose receipts say that they came several
 * times or share their id. Returns how many; what is left is left to the next minute.
 */
export async function forgetDeliveries(database: Sql): Promise<number> {
  let forgotten = 0;
  for (let round = 0; round < maxRounds; round++) {
    const gone = await database.query(forgetSome, []);
    forgotten += gone.length;
    if (gone.length < maxRows) break;
  }
  return forgotten;
}

/** The conditions stand twice: one that has come again in the meantime stays. */
const isForgotten = `first_at < now() - interval '${repeatHours} hours' and times = 1 and not is_reused`;
const forgetSome = `
-- all tenants: the hours are over for everybody's
delete from deliveries where ${isForgotten} and ctid = any(array(
  select ctid from deliveries where ${isForgotten} order by first_at limit ${maxRows} for update skip locked
)) returning 1 as one`;
