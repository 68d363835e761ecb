import { z } from "zod";
import { withUtf8 } from "@/lib/body/content-type";
import { readBody } from "@/lib/body/read";
import type { Context } from "@/lib/domain/context";
import { storable } from "@/lib/domain/fields";
import { veilFor } from "@/lib/domain/mask/mask";
import { requirePermission } from "@/lib/domain/permissions";
import { limits, orSay } from "@/lib/limits";
import { forbidden, invalid } from "@/lib/refusal";
import { originalOf, sendCopy } from "./copy";
import type { broughtMessage } from "./put";

export const resendMessageInput = z.strictObject({
  messageId: z.uuid(),
  body: z.string().max(limits.requestBytes, orSay("requestBytes", "The text")),
  contentType: storable.max(200).optional(),
});

/**
 * Sends an edited copy of a message to where the original went. The original stays as it was; the copy is a new message
 * that names it. Its bytes are the text in UTF-8, without a content coding, and its headers say so. Returns the new
 * message and its runs.
 */
export async function resendMessage(
  ctx: Context,
  input: z.input<typeof resendMessageInput>,
): Promise<z.infer<typeof broughtMessage>> {
  requirePermission(ctx, "message.resend");
  const { messageId, body, contentType } = resendMessageInput.parse(input);
  const original = await originalOf(ctx, messageId);
  if (!(await veilFor(ctx, { messageId })).isOpen)
    throw forbidden(
      "Something of this message is masked for your role, so it cannot be edited: what is masked would be lost. Rerun it as it is.",
    );
  const bytes = Buffer.from(body);
  const type = withUtf8(contentType ?? original.contentType);
  const said = { contentType: type, contentEncoding: null, isUtf8: true };
  const read = await readBody(bytes, said);
  if ("refused" in read) throw invalid(read.reason ?? "The text cannot be read.");
  const { "content-encoding": _, "content-length": __, ...kept } = original.headers;
  const headers = { ...kept, ...(type ? { "content-type": type } : {}) };
  const copy = { messageId, original, headers, bytes, said, read };
  return sendCopy(ctx, copy, { event: "message.resend" });
}
