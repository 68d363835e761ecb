import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import type { named } from "@/lib/domain/fields";
import { countedEntries, type Numbered, numberedInput, placeOf } from "@/lib/domain/numbered/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";

export const listNumberedJobsInput = numberedInput.extend({ project_id: z.uuid().optional() });

type NamedJob = z.infer<typeof named>;

/** A numbered page of the jobs of the projects' workflows, in the order of their names. */
export async function listNumberedJobs(
  ctxs: readonly Context[],
  input: z.input<typeof listNumberedJobsInput>,
): Promise<Numbered<NamedJob>> {
  const { project_id: projectId, ...asked } = listNumberedJobsInput.parse(input);
  const among = ctxs.filter(({ project }) => !projectId || project.id === projectId.toLowerCase());
  const [first] = among;
  if (!first) return { ...placeOf(asked, 0), items: [] };
  const jobs = jobsOf(among);
  const most = countedEntries + 1;
  const [counted] = await rows<{ count: number }>(
    first.db,
    sql`select count(*)::int as count from (select 1 from ${jobs} limit ${most}) n`,
  );
  const { offset, ...place } = placeOf(asked, counted?.count ?? 0);
  const items = await rows<NamedJob>(
    first.db,
    sql`select j.id, j.name from ${jobs} order by j.name, j.id offset ${offset} limit ${place.pageSize}`,
  );
  return { ...place, items };
}

/** A job of one of the projects' workflows. Throws `not_found`. */
export async function getNamedJob(ctxs: readonly Context[], id: string): Promise<NamedJob> {
  const [first] = ctxs;
  const [job] =
    first && z.uuid().safeParse(id).success
      ? await rows<NamedJob>(first.db, sql`select j.id, j.name from ${jobsOf(ctxs)} and j.id = ${id}::uuid`)
      : [];
  if (!job) throw notFound("The job");
  return job;
}

function jobsOf(ctxs: readonly Context[]) {
  for (const ctx of ctxs) requirePermission(ctx, "workflow.read");
  const ids = ctxs.map(({ project }) => project.id);
  return sql`jobs j join workflows w on w.id = j.workflow_id and w.project_id = j.project_id and w.deleted_at is null
    where j.project_id = any(${sql.param(ids)}::uuid[])`;
}
