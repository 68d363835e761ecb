import { and, desc, eq } from "drizzle-orm";
import { z } from "zod";
import { queryOf } from "@/db/rows";
import { messages } from "@/db/schema";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { readBody } from "@/lib/body/read";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { withBody } from "@/lib/payloads/read";
import { placesInMessage } from "@/lib/redaction/places";
import { redactMessage } from "@/lib/redaction/redact";
import { redactionRules } from "@/lib/redaction/rule";
import { byOf } from "./redactions";

export const redactionPreviewInput = z.strictObject({ redactions: redactionRules });

export const redactionPreview = z
  .strictObject({
    message: z
      .strictObject({ id: z.uuid(), receivedAt: moment })
      .nullable()
      .meta({ description: "The newest message, on which they are tried; null when there is none to try." }),
    problem: z
      .string()
      .nullable()
      .meta({ description: "Why such a message would be refused; null: it would be stored." }),
    paths: z.array(
      z.strictObject({
        path: z.string(),
        count: z.int().meta({ description: "How many values of the message it leads to." }),
        places: z.array(z.string()).meta({ description: "The first of them, without the values." }),
      }),
    ),
  })
  .meta({ id: "RedactionPreview" });

export type RedactionPreview = z.infer<typeof redactionPreview>;

/** Larger messages are not tried: a person waits. */
const maxTriedBytes = 1_000_000;

/** What these redactions would do to the newest message, had it come now. Stores nothing, and tells no values. */
export async function previewRedactions(
  ctx: Context,
  input: z.input<typeof redactionPreviewInput>,
): Promise<RedactionPreview> {
  requirePermission(ctx, "project.update");
  const { redactions } = redactionPreviewInput.parse(input);
  const paths = redactions.map(({ path }) => path);
  const nothing = {
    message: null,
    problem: null,
    paths: paths.map((path) => ({ path, count: 0, places: [] })),
  };
  const [newest] = await ctx.db
    .select({
      id: messages.id,
      receivedAt: messages.receivedAt,
      size: messages.size,
      wipedAt: messages.wipedAt,
    })
    .from(messages)
    .where(eq(messages.projectId, ctx.project.id))
    .orderBy(desc(messages.projectId), desc(messages.id))
    .limit(1);
  if (!newest || newest.wipedAt || newest.size > maxTriedBytes) return nothing;
  const [row] = await ctx.db
    .select()
    .from(messages)
    .where(and(eq(messages.projectId, ctx.project.id), eq(messages.id, newest.id)));
  if (!row) return nothing;
  await withBody(queryOf(ctx.db), ctx.project.id, row);
  const { method, path, query, headers, body: bytes, contentType } = row;
  const said = { contentType, contentEncoding: headers["content-encoding"] ?? null };
  const read = await readBody(bytes, said, nodeDecoders);
  if ("refused" in read) return nothing;
  const bare = { method, path, query, parameters: row.reading?.parameters, headers, bytes, said, read };
  const done = await redactMessage(bare, await byOf(ctx.project.id, redactions));
  return {
    message: { id: newest.id, receivedAt: newest.receivedAt.toISOString() },
    problem: "refused" in done ? done.reason : null,
    paths: placesInMessage(paths, bare),
  };
}
