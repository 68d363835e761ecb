import type { Sql } from "@/db/client";
import { graceMinutes } from "./watch";

/** What is wrong with the installation, in a word that names nobody's. */
export const conditionWords = [
  "disk_full",
  "queue_stuck",
  "runner_silent",
  "runs_lost",
  "notices_unsent",
] as const;
export type ConditionWord = (typeof conditionWords)[number];

const lasting: Record<string, ConditionWord> = {
  disk: "disk_full",
  queue: "queue_stuck",
  runner: "runner_silent",
};
const events: Record<string, ConditionWord> = { runs: "runs_lost", notices: "notices_unsent" };

export type Holding = { name: ConditionWord; since: string };

/**
 * What the operator is told of now: what lasts, since it began, and what happened within a day, since it was noticed last. No
 * machine, project or number is named, so that anybody may read it.
 */
export async function conditionsNow(sql: Sql): Promise<Holding[]> {
  const found = await sql.query<{ name: string; since: Date }>(
    `select split_part(name, ':', 1) as name, min(case when name in ('runs', 'notices') then told_at else began_at end) as since
     from operator_conditions
     where case when name in ('runs', 'notices') then detail ? 'isTold' and told_at > now() - interval '1 day'
       else began_at <= now() - interval '${graceMinutes} minutes' and seen_at > now() - interval '10 minutes' end
     group by 1 order by 2, 1`,
  );
  return found.flatMap(({ name, since }) => {
    const word = lasting[name] ?? events[name];
    return word ? [{ name: word, since: new Date(since).toISOString() }] : [];
  });
}
