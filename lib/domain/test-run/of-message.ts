import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { personOf } from "@/lib/domain/draft/owner";
import { requireMessage } from "@/lib/domain/message/known";
import type { Page } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";

const most = 50;

const place = z.strictObject({ messageId: z.uuid() });

export const messageTests = z
  .strictObject({
    workflowId: z.uuid(),
    workflowName: z.string(),
    tests: z.int().meta({ description: "How many of your draft's tests began with it." }),
  })
  .meta({ id: "MessageTests" });
type MessageTests = z.infer<typeof messageTests>;

/** How often the caller tried a message on drafts of theirs, by workflow. Throws `not_found`. */
export async function listTestsOfMessage(
  ctx: Context,
  input: z.input<typeof place>,
): Promise<Page<MessageTests>> {
  requirePermission(ctx, "message.read");
  const { messageId } = place.parse(input);
  await requireMessage(ctx, messageId);
  const items = await rows<MessageTests>(
    ctx.db,
    sql`select d.workflow_id as "workflowId", w.name as "workflowName", count(*)::int as tests
        from test_runs t
        join drafts d on d.id = t.draft_id and d.project_id = t.project_id and d.user_id = ${personOf(ctx)}::uuid
        join workflows w on w.id = d.workflow_id and w.deleted_at is null
        where t.message_id = ${messageId}::uuid and t.project_id = ${ctx.project.id}::uuid
        group by d.workflow_id, w.name order by w.name, d.workflow_id limit ${most}`,
  );
  return { items, nextCursor: null };
}
