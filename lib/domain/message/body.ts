import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { queryOf } from "@/db/rows";
import { messages } from "@/db/schema";
import { fileBytes, plainBytes, plainText, type StoredBody } from "@/lib/body/stored";
import type { Context } from "@/lib/domain/context";
import { requireDownload } from "@/lib/domain/mask/download";
import { veilFor } from "@/lib/domain/mask/mask";
import { requirePermission } from "@/lib/domain/permissions";

import { withBody } from "@/lib/payloads/read";
import { forbidden, invalid, notFound, Refusal } from "@/lib/refusal";
import { wipedSentence } from "@/lib/state/wiped";

export const messageBodyInput = z.strictObject({
  as: z
    .enum(["text"])
    .optional()
    .meta({ description: "The whole body as text in UTF-8, without its content codings." }),
  file: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .meta({ description: "One of the body's files by its number, as `reading.files` lists them." }),
});

/** A message's bytes as they were sent, its text, or one of its files. Throws `not_found`, `invalid` for what is no text, `forbidden` for who may not download or has something masked. */
export async function getMessageBody(
  ctx: Context,
  id: string,
  { file: number, as }: z.output<typeof messageBodyInput> = {},
): Promise<{ contentType: string | null; body: Uint8Array; name?: string }> {
  requirePermission(ctx, "message.read");
  await requireDownload(ctx);
  const [message] = await ctx.db
    .select({
      contentType: messages.contentType,
      format: messages.format,
      body: messages.body,
      payload: messages.payload,
      reading: messages.reading,
      wipedAt: messages.wipedAt,
      wipedFor: messages.wipedFor,
      since: messages.receivedAt,
    })
    .from(messages)
    .where(and(eq(messages.projectId, ctx.project.id), eq(messages.id, id)));
  if (!message) throw notFound("The message");
  if (message.wipedAt) throw new Refusal("not_found", `The body is not kept. ${wipedSentence(message)}`);
  if (!(await veilFor(ctx, { messageId: id })).isOpen)
    throw forbidden(
      "Something of this message is masked for your role, so what was sent cannot be downloaded.",
    );
  const { contentType, body, reading } = await withBody(queryOf(ctx.db), ctx.project.id, message);
  if (number === undefined) return { contentType, body: as ? await textBytes(message) : body };
  const file = reading?.files?.[number];
  if (!file) throw notFound("The file");
  const bytes = await plainBytes({ body, reading });
  return { contentType: file.type, body: fileBytes(bytes, file), name: file.name };
}

async function textBytes(stored: StoredBody): Promise<Uint8Array> {
  const text = await plainText(stored);
  if (text === undefined) throw invalid("The body is not text. Download its bytes instead.");
  return Buffer.from(text);
}
