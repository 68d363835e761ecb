import { z } from "zod";
import { withUtf8 } from "@/lib/body/content-type";
import { readBody } from "@/lib/body/read";
import type { Context } from "@/lib/domain/context";
import { storable } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { limits, orSay } from "@/lib/limits";
import { invalid } from "@/lib/refusal";
import { type broughtMessage, putMessage } from "./put";

export const createMessageInput = z.strictObject({
  body: z.string().max(limits.requestBytes, orSay("requestBytes", "The text")),
  contentType: storable.max(200).default("application/json"),
  triggerId: z
    .uuid()
    .optional()
    .meta({ description: "The webhook trigger whose URL it goes to; left out, the project's inbox." }),
});

/**
 * Puts a message into the inbox by hand: matched and processed as if a sender had sent it, without the checks that senders
 * pass. Its bytes are the text in UTF-8. Returns the new message and its runs.
 */
export async function createMessage(
  ctx: Context,
  input: z.input<typeof createMessageInput>,
): Promise<z.infer<typeof broughtMessage>> {
  requirePermission(ctx, "message.create");
  const { body, contentType, triggerId = null } = createMessageInput.parse(input);
  const type = withUtf8(contentType) ?? contentType;
  const bytes = Buffer.from(body);
  const said = { contentType: type, contentEncoding: null, isUtf8: true };
  const read = await readBody(bytes, said);
  if ("refused" in read) throw invalid(read.reason ?? "The text cannot be read.");
  return putMessage(
    ctx,
    {
      ...{ source: "manual", resentFrom: null, triggerId, method: "POST", query: {}, parameters: undefined },
      ...{ path: [], headers: { "content-type": type }, bytes, said, read },
    },
    { permission: "message.create", event: "message.create" },
  );
}
