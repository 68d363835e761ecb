import { type SQL, sql } from "drizzle-orm";

/**
 * SQL behind steps `s` by their ids, checked by whoever asks: their lines `l` behind one of them, in order, so many at most. Each
 * step's lines are found by its id alone, which says in which partition they are.
 */
export const linesAfter = ({ stepId, seq }: { stepId: string; seq: number }, most: number): SQL => sql`
  /* checked: lines of the steps */ cross join lateral (
    select l.seq, l.message from log_lines l
    where l.step_id = s.id and l.seq > case when s.id = ${stepId}::uuid then ${seq}::int else -1 end
    order by l.seq limit ${most}) l
  order by s.id, l.seq limit ${most}`;
