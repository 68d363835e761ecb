import type { Db, Sql } from "@/db/client";
import { queryOf } from "@/db/rows";
import { write } from "@/lib/domain/write";
import { log } from "@/lib/log";
import { retainer } from "./retain";

type Day = { projectId: string; day: string; messages: number; states: number; logs: number; runs: number };

/** The most projects that one call tells of; the next minute tells of others. */
const mostProjects = 500;

/**
 * Writes down what went of each project on the days before, once: so many messages, states, logs and runs, whatever they
 * went for. Returns how many lines that were.
 */
export async function tellOfRetention(host: { db: Db } & Sql, now = new Date()): Promise<number> {
  const today = now.toISOString().slice(0, 10);
  const projects = await host.query<{ id: string }>(
    `select p.id from projects p where (p.retention is not null or p.persistence <> 'retain_all') and exists (
       select 1 from usage_days u where u.project_id = p.id and ${isUntold("$1")}) order by p.id limit ${mostProjects}`,
    [today],
  );
  let told = 0;
  for (const { id } of projects)
    try {
      told += await tellOf(host.db, id, today);
    } catch (error) {
      // Nobody's defect keeps the others waiting.
      log.error("what went of a project could not be written down", { projectId: id, error });
    }
  return told;
}

const isUntold = (today: string): string =>
  `u.day < ${today}::date and u.day >= ${today}::date - 31 and not u.is_told
   and u.gone_messages + u.gone_states + u.gone_logs + u.gone_runs > 0`;

const tellOf = (db: Db, projectId: string, today: string): Promise<number> =>
  write({ db, actor: retainer, project: { id: projectId } }, "own", async (tx) => {
    const query = queryOf(tx);
    const days = await query<Day>(
      `update usage_days u set is_told = true where u.project_id = $1 and ${isUntold("$2")}
       returning u.day::text, u.gone_messages::float8 as messages, u.gone_states::float8 as states,
         u.gone_logs::float8 as logs, u.gone_runs::float8 as runs`,
      [projectId, today],
    );
    return {
      result: days.length,
      audit: days.map(({ day, messages, states, logs, runs }) => ({
        event: "retention.wipe",
        itemId: projectId,
        after: { day, messages, states, logs, runs },
      })),
      changed: null,
    };
  });
