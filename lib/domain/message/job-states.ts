import { sql } from "drizzle-orm";
import type { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { veilFor } from "@/lib/domain/mask/mask";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { requireMessage } from "./known";
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
  await requireMessage(ctx, messageId);
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
