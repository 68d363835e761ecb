import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Found } from "@/lib/domain/person/finder";
import { linesAfter } from "@/lib/domain/run/lines-after";
import { lowest, type Scan } from "./place";

const pageLines = 5_000;
const pageBytes = 1_000_000;

type Line = { stepId: string; seq: number; message: string; ofLines: number };

/** Which of these steps' logs name the person. A log is read a page at a time, however long it is. */
export async function lookInLogs(scan: Scan, stepIds: string[]): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  let after = { stepId: lowest, seq: -1 };
  for (;;) {
    const open = stepIds.filter((id) => !found.has(id));
    if (open.length === 0) return found;
    const lines = await linesOf(scan, open, after);
    for (const [stepId, text] of textsOf(lines)) {
      const here = await scan.finder.json(text);
      if (here && !found.has(stepId)) found.set(stepId, here);
    }
    const last = lines.at(-1);
    if (!last || (lines.length === last.ofLines && lines.length < pageLines)) return found;
    after = last;
  }
}

/** What a step said in several lines may be one thing: a state that was written over many. */
function textsOf(lines: Line[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { stepId, message } of lines) {
    const before = texts.get(stepId);
    texts.set(stepId, before === undefined ? message : `${before}\n${message}`);
  }
  return texts;
}

const linesOf = ({ db, projectId }: Scan, stepIds: string[], after: { stepId: string; seq: number }) =>
  rows<Line>(
    db,
    sql`select step_id as "stepId", seq, message, of_lines as "ofLines" from (
          select *, (count(*) over ())::int as of_lines,
            sum(octet_length(message)) over (order by step_id, seq) - octet_length(message) as before
          from (
            select s.id as step_id, l.seq, l.message
            from (select id from steps
                  where project_id = ${projectId} and id = any(${sql.param(stepIds)}::uuid[]) and id >= ${after.stepId}::uuid order by id) s
            ${linesAfter(after, pageLines)}
          ) page
        ) line where before < ${pageBytes} order by step_id, seq`,
  );
