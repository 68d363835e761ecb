import { sql } from "drizzle-orm";
import { z } from "zod";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { workflowVersion } from "@/lib/domain/workflow/versions";
import { type VersionSource, versionSources } from "@/lib/words";

/** Of each workflow the newest of its versions are told. */
const toldVersions = 3;

const driftedWorkflow = z.strictObject({
  ...named.shape,
  change: z.enum(["changed", "added", "deleted"]),
  from: z
    .int()
    .nullable()
    .meta({ description: "The version that the deploy left; null when it was made since." }),
  to: z.int().meta({ description: "The present version." }),
  versions: z
    .array(workflowVersion.omit({ snapshotId: true }))
    .meta({ description: `What was saved since, newest first, ${toldVersions} at most.` }),
});

/** What is here and not in the repository that the project was last deployed from. */
export const drift = z
  .strictObject({
    deploy: z
      .strictObject({ at: moment, by: z.string().nullable(), source: z.enum(versionSources) })
      .nullable()
      .meta({ description: "null: nothing was ever deployed or imported into the project." }),
    workflows: z.array(driftedWorkflow).meta({
      description: "Workflows that are not as the deploy left them, by name. Empty: nothing has drifted.",
    }),
  })
  .meta({ id: "Drift" });
export type Drift = z.infer<typeof drift>;

type DeployRow = { createdAt: Date | string; createdBy: string | null; source: VersionSource };
type WorkflowRow = {
  id: string;
  name: string;
  from: number | null;
  to: number;
  isDeleted: boolean;
  versions: Drift["workflows"][number]["versions"] | null;
};

/** Says which workflows were changed since the project's last deploy, by whom and from where. */
export async function getDrift(ctx: Context): Promise<Drift> {
  requirePermission(ctx, "workflow.read");
  const { id: projectId } = ctx.project;
  const [deploy] = await rows<DeployRow>(
    ctx.db,
    sql`select created_at as "createdAt", created_by as "createdBy", source from deploys where project_id = ${projectId}`,
  );
  if (!deploy) return { deploy: null, workflows: [] };
  const found = await rows<WorkflowRow>(
    ctx.db,
    sql`select w.id, w.name, w.lock_version as "to", w.deleted_at is not null as "isDeleted",
          (d.versions ->> w.id::text)::int as "from",
          (select jsonb_agg(jsonb_build_object('lockVersion', s.lock_version, 'createdBy', s.created_by, 'source', s.source,
              'restoredFrom', s.restored_from, 'createdAt', s.created_at) order by s.lock_version desc)
            from (select lock_version, created_by, source, restored_from, created_at from snapshots
              where workflow_id = w.id and project_id = w.project_id and lock_version > coalesce((d.versions ->> w.id::text)::int, 0)
              order by lock_version desc limit ${toldVersions}) s) as versions
        from deploys d join workflows w on w.project_id = d.project_id
        where d.project_id = ${projectId}
          and case when w.deleted_at is null then d.versions ->> w.id::text is distinct from w.lock_version::text
            else d.versions ? w.id::text end
        order by w.name, w.id`,
  );
  return {
    deploy: { at: iso(deploy.createdAt), by: deploy.createdBy, source: deploy.source },
    workflows: found.map(({ isDeleted, versions, ...workflow }) => ({
      ...workflow,
      change: isDeleted ? "deleted" : workflow.from === null ? "added" : "changed",
      versions: (versions ?? []).map((version) => ({ ...version, createdAt: iso(version.createdAt) })),
    })),
  };
}
