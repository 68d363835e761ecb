import { and, eq } from "drizzle-orm";
import { messages } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";

/** A message's bytes as they were sent. */
export async function getMessageBody(
  ctx: Context,
  id: string,
): Promise<{ contentType: string | null; body: Uint8Array }> {
  requirePermission(ctx, "message.read");
  const [message] = await ctx.db
    .select({ contentType: messages.contentType, body: messages.body })
    .from(messages)
    .where(and(eq(messages.projectId, ctx.project.id), eq(messages.id, id)));
  if (!message) throw notFound("The message");
  return message;
}
