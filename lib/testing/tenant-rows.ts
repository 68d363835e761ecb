import { getTableColumns, getTableName, isTable } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import * as schema from "@/db/schema";
import { testDatabase } from "./database";

const withProject = Object.values(schema).flatMap((value) =>
  isTable(value) && "projectId" in getTableColumns(value) ? [getTableName(value as PgTable)] : [],
);

/** What else belongs to a project: a condition for each table, about `$1`. */
const others: Record<string, string> = {
  projects: "id = $1",
  log_lines: "step_id in (select id from steps where project_id = $1)",
  step_attempts: "step_id in (select id from steps where project_id = $1)",
  run_steps: "run_id in (select id from runs where project_id = $1)",
  trigger_auth_methods: "auth_method_id in (select id from auth_methods where project_id = $1)",
};

/** A digest of each table's rows of a project, to see whether somebody else has changed any. */
export async function rowsOf(projectId: string): Promise<Record<string, string>> {
  const tables = [
    ...withProject.map((name) => [name, "project_id = $1"] as const),
    ...Object.entries(others),
  ];
  const digests: Record<string, string> = {};
  for (const [name, condition] of tables) {
    const [row] = await testDatabase().query<{ digest: string }>(
      `select concat(count(*), ' ', md5(string_agg(t::text, '|' order by t::text))) as digest from ${name} t where ${condition}`,
      [projectId],
    );
    digests[name] = row?.digest ?? "";
  }
  return digests;
}
