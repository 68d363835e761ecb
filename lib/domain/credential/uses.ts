import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { named } from "@/lib/domain/fields";

/** As many are named; a longer list says nothing more to whoever decides. */
const maxNamed = 20;

/** Which jobs of a project have a credential, or a keychain. */
export const jobUses = {
  jobs: z.int(),
  usedBy: z
    .array(z.strictObject({ workflow: named, job: named }))
    .meta({ description: `The first ${maxNamed} of these jobs, by workflow and name.` }),
};
export type JobUses = { jobs: number; usedBy: { workflow: Named; job: Named }[] };
type Named = z.infer<typeof named>;

const columns = {
  credential: sql`j.project_credential_id`,
  keychain: sql`j.keychain_credential_id`,
} as const;

/** The jobs of a project, deleted workflows left out, that have one of these credentials (or keychains), by its id. */
export async function jobsUsing(
  db: Db,
  projectId: string,
  what: keyof typeof columns,
  ids: readonly string[],
): Promise<Map<string, JobUses>> {
  const uses = new Map<string, JobUses>();
  if (ids.length === 0) return uses;
  const column = columns[what];
  const found = await rows<{
    of: string;
    jobs: number;
    workflowId: string;
    workflow: string;
    jobId: string;
    job: string;
  }>(
    db,
    sql`select of, jobs, "workflowId", workflow, "jobId", job from (
          select ${column} as of, (count(*) over (partition by ${column}))::int as jobs,
            row_number() over (partition by ${column} order by w.name, j.name, j.id) as place,
            w.id as "workflowId", w.name as workflow, j.id as "jobId", j.name as job
          from jobs j join workflows w on w.id = j.workflow_id and w.project_id = j.project_id and w.deleted_at is null
          where ${column} = any(${sql.param([...ids])}::uuid[]) and j.project_id = ${projectId}
        ) used where place <= ${maxNamed} order by of, place`,
  );
  for (const { of, jobs, workflowId, workflow, jobId, job } of found) {
    const use = { workflow: { id: workflowId, name: workflow }, job: { id: jobId, name: job } };
    uses.set(of, { jobs, usedBy: [...(uses.get(of)?.usedBy ?? []), use] });
  }
  return uses;
}

export const noUses: JobUses = { jobs: 0, usedBy: [] };
