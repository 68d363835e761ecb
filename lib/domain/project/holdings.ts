import { sql } from "drizzle-orm";
import { z } from "zod";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";

/** Counting stops here: looking must stay cheap when there is much. */
export const countedRows = 1_000;

const upTo = z.int().meta({ description: `Counted up to ${countedRows}.` });

export const projectHoldings = z
  .strictObject({
    messages: upTo,
    runs: upTo,
    waitingRuns: upTo.meta({ description: `Runs that have not started; counted up to ${countedRows}.` }),
    workflows: z.int(),
    members: z.int(),
    credentials: z.int().meta({ description: "Shared with the project. They stay with their owners." }),
    tokens: z.int().meta({ description: "API tokens that are good for this project alone." }),
  })
  .meta({ id: "ProjectHoldings" });
export type ProjectHoldings = z.infer<typeof projectHoldings>;

/** What would go with the project, counted on indexes alone. */
export async function getProjectHoldings(ctx: Context): Promise<ProjectHoldings> {
  requirePermission(ctx, "project.read");
  const { id } = ctx.project;
  const ofProject = keyset([[sql`project_id`, id]], sql`id`);
  const waiting = keyset(
    [
      [sql`project_id`, id],
      [sql`state`, "pending"],
    ],
    sql`id`,
  );
  const [found] = await rows<ProjectHoldings>(
    ctx.db,
    sql`select
      (select count(*)::int from (select 1 from messages where ${ofProject.where} order by ${ofProject.newestFirst} limit ${countedRows}) m) as messages,
      (select count(*)::int from (select 1 from runs where ${ofProject.where} order by ${ofProject.newestFirst} limit ${countedRows}) r) as runs,
      (select count(*)::int from (select 1 from runs where ${waiting.where} order by ${waiting.newestFirst} limit ${countedRows}) w) as "waitingRuns",
      (select count(*)::int from workflows where project_id = ${id} and deleted_at is null) as workflows,
      (select count(*)::int from project_members where project_id = ${id}) as members,
      (select count(*)::int from project_credentials where project_id = ${id}) as credentials,
      (select count(*)::int from api_tokens where project_id = ${id} and revoked_at is null)
        + (select count(*)::int from project_tokens where project_id = ${id} and revoked_at is null) as tokens`,
  );
  if (!found) throw notFound("The project");
  return found;
}
