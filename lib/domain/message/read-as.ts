import { z } from "zod";
import { charsetName } from "@/lib/body/charset";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { readBody } from "@/lib/body/read";
import type { Context } from "@/lib/domain/context";
import { veilFor } from "@/lib/domain/mask/mask";
import { requirePermission } from "@/lib/domain/permissions";
import { forbidden, invalid } from "@/lib/refusal";
import { chosenFormats } from "@/lib/words";
import { originalOf, sendCopy } from "./copy";
import type { broughtMessage } from "./put";

const charset = z
  .string()
  .max(40)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/);

export const readMessageAsInput = z.strictObject({
  messageId: z.uuid(),
  format: z.enum(chosenFormats).optional(),
  charset: charset.optional().meta({ description: "By a name of the WHATWG's Encoding standard." }),
});

/**
 * Processes a message again with its body read in another way: the same bytes and headers as a new message that names
 * the old one. Throws `invalid` when the body is nothing of the kind, `forbidden` for whom something of it is masked.
 */
export async function readMessageAs(
  ctx: Context,
  input: z.input<typeof readMessageAsInput>,
): Promise<z.infer<typeof broughtMessage>> {
  requirePermission(ctx, "message.resend");
  const { messageId, ...chosen } = readMessageAsInput.parse(input);
  if (!chosen.format && !chosen.charset) throw invalid("Name the format, the charset or both.");
  if (chosen.charset && charsetName(chosen.charset) === undefined)
    throw invalid(`No charset is called ${chosen.charset}. Examples: utf-8, windows-1252, utf-16le.`);
  const original = await originalOf(ctx, messageId);
  // A form of JSON text, or keys in another charset, are where no masked path leads.
  if (!(await veilFor(ctx, { messageId })).isOpen)
    throw forbidden(
      "Something of this message is masked for your role, so it cannot be read in another way: what is masked could stand where it is not. Rerun it as it is.",
    );
  const { contentType, headers, body: bytes } = original;
  const contentEncoding = headers["content-encoding"] ?? null;
  const said = { contentType, contentEncoding, chosen };
  const read = await readBody(bytes, said, nodeDecoders);
  if ("refused" in read)
    throw invalid(
      read.reason ??
        `The body cannot be read as ${[chosen.format, chosen.charset].filter(Boolean).join(", ")}. Its bytes are kept as they came.`,
    );
  const copy = { messageId, original, headers, bytes, said, read };
  return sendCopy(ctx, copy, { event: "message.read_as", after: chosen });
}
