import { sql } from "drizzle-orm";
import { z } from "zod";
import { keyset } from "@/db/keyset";
import { iso, isoOrNull, rows } from "@/db/rows";
import { beginningSql } from "@/lib/body/beginning";
import { previewOf } from "@/lib/body/read";
import type { Context } from "@/lib/domain/context";
import { maskFor } from "@/lib/domain/mask/mask";
import { veiledPreviews } from "@/lib/domain/mask/message";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { mostCounted, readIssues } from "./read";
import type { IssueOrder, IssueRow } from "./types";

/** One issue. Throws `not_found`. */
export async function getIssue(ctx: Context, id: string): Promise<IssueRow> {
  requirePermission(ctx, "issue.read");
  const [found] = await readIssues(
    ctx,
    sql`where i.id = ${id}::uuid and i.project_id = ${ctx.project.id}`,
    mostCounted.one,
  );
  if (!found) throw notFound("The issue");
  return found.issue;
}

export const listIssueOrdersInput = z.strictObject({
  id: z.uuid(),
  all: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "Also those that have succeeded since." }),
  ...pageInput.shape,
});

type Row = Omit<IssueOrder, "failedAt" | "healedAt"> & {
  failedAt: Date | string;
  healedAt: Date | string | null;
};

const lineChars = 300;

/** Work orders that an issue affects, newest first. Throws `not_found`. */
export async function listIssueOrders(
  ctx: Context,
  input: z.input<typeof listIssueOrdersInput>,
): Promise<Page<IssueOrder>> {
  requirePermission(ctx, "issue.read");
  const { id, all, cursor, limit } = listIssueOrdersInput.parse(input);
  await getIssue(ctx, id);
  const project = ctx.project.id;
  const page = keyset([[sql`o.issue_id`, id]], sql`o.work_order_id`, { before: cursor });
  const found = await rows<Row>(
    ctx.db,
    sql`select o.work_order_id as "workOrderId", o.message_id as "messageId", ${sql.raw(beginningSql("m"))} as preview, w.state, o.run_id as "runId",
          o.step_id as "stepId", left(coalesce(s.error_message, r.error_message, ''), 2000) as error, o.times,
          o.failed_at as "failedAt", o.healed_at as "healedAt"
        from (
          select * from issue_orders o where ${page.where} and o.project_id = ${project}${all === "true" ? sql`` : sql` and o.healed_at is null`}
          order by ${page.newestFirst} limit ${limit + 1}
        ) o
        join work_orders w on w.id = o.work_order_id and w.project_id = ${project}
        left join messages m on m.id = o.message_id and m.project_id = ${project}
        left join runs r on r.id = o.run_id and r.project_id = ${project}
        left join steps s on s.id = o.step_id and s.project_id = ${project}
        order by o.work_order_id desc`,
  );
  const { items, nextCursor } = toPageBy(found, limit, ({ workOrderId }) => workOrderId);
  const mask = await maskFor(ctx);
  const veilOf = mask && (await mask.veils(items));
  const veiledPreviewOf =
    veilOf &&
    (await veiledPreviews(
      ctx,
      veilOf,
      items.flatMap(({ messageId }) => messageId ?? []),
    ));
  return {
    items: items.map((row) => {
      const veil = veilOf?.(row);
      const error = firstLine(row.error);
      return {
        ...row,
        preview:
          veiledPreviewOf && row.preview && row.messageId
            ? veiledPreviewOf(row.messageId)
            : row.preview && previewOf(row.preview),
        error: veil ? veil.text(error) : error,
        failedAt: iso(row.failedAt),
        healedAt: isoOrNull(row.healedAt),
      };
    }),
    nextCursor,
  };
}

function firstLine(text: string): string {
  const [line = ""] = text.trim().split(/[\r\n]/);
  return line.length > lineChars ? `${line.slice(0, lineChars)}…` : line;
}
