import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { queryOf } from "@/db/rows";
import { messages } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { withBody } from "@/lib/payloads/read";
import { conflict, notFound } from "@/lib/refusal";
import { wipedSentence } from "@/lib/state/wiped";
import { refuseOfTest } from "./of-test";
import { type Brought, type broughtMessage, putMessage } from "./put";

/** What a copy takes over from its original, or starts from. Throws `not_found`, `conflict` for one that is wiped or came to a test URL. */
export async function originalOf(ctx: Context, messageId: string) {
  const [stored] = await ctx.db
    .select({
      source: messages.source,
      triggerId: messages.triggerId,
      method: messages.method,
      path: messages.path,
      query: messages.query,
      contentType: messages.contentType,
      headers: messages.headers,
      body: messages.body,
      payload: messages.payload,
      reading: messages.reading,
      wipedAt: messages.wipedAt,
      wipedFor: messages.wipedFor,
      since: messages.receivedAt,
    })
    .from(messages)
    .where(and(eq(messages.projectId, ctx.project.id), eq(messages.id, messageId)));
  const original = await withBody(queryOf(ctx.db), ctx.project.id, stored);
  if (!original) throw notFound("The message");
  refuseOfTest(original);
  if (original.wipedAt)
    throw conflict(`There is nothing to send again. ${wipedSentence(original)} Send a new message instead.`);
  return original;
}

type Original = Awaited<ReturnType<typeof originalOf>>;

/** What differs from the original, or is as it was there. */
export type Copy = { messageId: string; original: Original } & Pick<
  Brought,
  "headers" | "bytes" | "said" | "read"
>;

/**
 * Stores a copy of a message where the original went, as a new message that names it. `event` is what is written down,
 * with `after` beside the new message's id. Throws as `putMessage` does.
 */
export function sendCopy(
  ctx: Context,
  { messageId, original, ...copy }: Copy,
  act: { event: string; after?: Record<string, unknown> },
): Promise<z.infer<typeof broughtMessage>> {
  const { triggerId, method, path, query, reading } = original;
  const brought = {
    ...({ source: "resend", resentFrom: messageId, triggerId, method, path, query } as const),
    // Its query may not say all that was sent.
    parameters: reading?.parameters,
    ...copy,
  };
  return putMessage(ctx, brought, { permission: "message.resend", ...act });
}
