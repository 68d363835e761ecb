import { sql } from "drizzle-orm";
import { z } from "zod";
import { type KeysetScope, keyset } from "@/db/keyset";
import { iso, isoOrNull, rows } from "@/db/rows";
import { refusedRequests } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { masked } from "@/lib/domain/mask/hidden-texts";
import { maskFor } from "@/lib/domain/mask/mask";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { refusalCauses } from "@/lib/words";
import { type RefusedRow, whySentence } from "./types";

export const listRefusedInput = pageInput.extend({
  cause: z.enum(refusalCauses).optional(),
});

type Found = Omit<RefusedRow, "receivedAt" | "acceptedAt" | "why"> & {
  detail: string | null;
  receivedAt: Date | string;
  acceptedAt: Date | string | null;
};

/** What was refused at the project's URLs, or came again, within a day, and what was accepted of it; newest first. */
export async function listRefused(
  ctx: Context,
  input: z.input<typeof listRefusedInput> = {},
): Promise<Page<RefusedRow>> {
  requirePermission(ctx, "message.read");
  const { cursor, limit, cause } = listRefusedInput.parse(input);
  return toPage(await refusedRows(ctx, { before: cursor, limit: limit + 1, cause }), limit);
}

type Which = { before?: string | undefined; only?: string; limit: number; cause?: string | undefined };

/** Rows of this project. Of accepted ones the bodies are with their messages. */
export async function refusedRows(
  ctx: Context,
  { limit, cause, before, only }: Which,
): Promise<RefusedRow[]> {
  const t = refusedRequests;
  const scope: KeysetScope = [[t.projectId, ctx.project.id]];
  if (cause) scope.push([t.cause, cause]);
  const { where, newestFirst } = keyset(scope, t.id, { before });
  const found = await rows<Found>(
    ctx.db,
    sql`select ${t.id}, ${t.receivedAt} as "receivedAt", ${t.cause}, ${t.detail}, ${t.status}, ${t.triggerId} as "triggerId",
          (select w.name from triggers g join workflows w on w.id = g.workflow_id
            where g.id = ${t.triggerId} and g.project_id = ${t.projectId}) as "workflowName",
          ${t.method}, ${t.contentType} as "contentType", ${t.size}, ${t.body} is not null as "hasBody", ${t.preview},
          ${t.messageId} as "messageId", ${t.acceptedAt} as "acceptedAt",
          (select u.email from users u where u.id = ${t.acceptedBy}) as "acceptedBy"
        from ${t} where ${only === undefined ? where : sql`${t.id} = ${only} and ${t.projectId} = ${ctx.project.id}`}
        order by ${newestFirst} limit ${limit}`,
  );
  const isMasked = (await maskFor(ctx)) !== null;
  return found.map(({ detail, ...row }) => ({
    ...row,
    // Nobody has read it as a message yet, so a path leads nowhere in it: it is hidden whole.
    preview: isMasked && row.preview !== "" ? masked : row.preview,
    contentType:
      isMasked && row.contentType !== null ? (row.contentType.split(";")[0] ?? "") : row.contentType,
    receivedAt: iso(row.receivedAt),
    acceptedAt: isoOrNull(row.acceptedAt),
    why: whySentence(row.cause, detail),
  }));
}
