import { sql } from "drizzle-orm";
import type { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { veilFor } from "@/lib/domain/mask/mask";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { besideStates, type StateRow, stateColumns, stateOf } from "./states";
import type { JobState } from "./types";

export const listJobStatesInput = pageInput;

/** How every job stands for one message, in the order of the jobs' ids. Throws `not_found`. */
export async function listJobStates(
  ctx: Context,
  messageId: string,
  input: z.input<typeof listJobStatesInput> = {},
): Promise<Page<JobState>> {
  requirePermission(ctx, "message.read");
  const { cursor, limit } = listJobStatesInput.parse(input);
  const { project } = ctx;
  const known = sql`select 1 from messages where id = ${messageId}::uuid and project_id = ${project.id}::uuid`;
  if ((await rows(ctx.db, known)).length === 0) throw notFound("The message");
  const after = cursor ? sql`and j.job_id > ${cursor}::uuid` : sql``;
  const [veil, found] = await Promise.all([
    veilFor(ctx, { messageId }),
    rows<StateRow>(
      ctx.db,
      sql`select ${stateColumns} from job_states j ${besideStates}
          where j.message_id = ${messageId}::uuid and j.project_id = ${project.id}::uuid ${after}
          order by j.job_id limit ${limit + 1}`,
    ),
  ]);
  const states = found
    .map(stateOf)
    .map((state) => ({ ...state, errorType: veil.textOrNull(state.errorType) }));
  return toPageBy(states, limit, ({ jobId }) => jobId);
}
