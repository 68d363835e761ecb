import { and, asc, eq, gt, inArray } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { authMethods, triggerAuthMethods } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { authMethodTypes, type SignatureScheme, signatureAlgorithms, signatureEncodings } from "@/lib/words";

const signatureScheme: z.ZodType<SignatureScheme> = z.discriminatedUnion("preset", [
  z.strictObject({
    preset: z.literal("generic"),
    header: z.string(),
    algorithm: z.enum(signatureAlgorithms),
    encoding: z.enum(signatureEncodings),
    prefix: z.string(),
  }),
  z.strictObject({ preset: z.enum(["header", "kobo"]), header: z.string(), prefix: z.string() }),
  z.strictObject({
    preset: z.enum(["standard_webhooks", "stripe"]),
    toleranceSeconds: z.int().exactOptional(),
  }),
  z.strictObject({ preset: z.enum(["github", "twilio", "commcare"]) }),
]);

export const authMethodSummary = z
  .strictObject({
    ...named.shape,
    type: z.enum(authMethodTypes),
    username: z.string().nullable(),
    signature: signatureScheme.nullable().meta({ description: "How senders sign, for the type hmac." }),
    onInbox: z.boolean().meta({ description: "Protects the project's own inbox URL." }),
    oldEndsAt: moment.nullable().meta({
      description: "Until then the secret before this one counts too; null when it does not.",
    }),
    triggerIds: z.array(z.uuid()).meta({ description: "Protects the URLs of these triggers." }),
    createdAt: moment,
  })
  .meta({ id: "AuthMethod" });
export type AuthMethodSummary = z.infer<typeof authMethodSummary>;

/** The project's authentication methods, without their secrets. */
export async function listAuthMethods(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<AuthMethodSummary>> {
  requirePermission(ctx, "workflow.read");
  const { cursor, limit } = pageInput.parse(input);
  const found = await ctx.db
    .select({
      id: authMethods.id,
      name: authMethods.name,
      type: authMethods.type,
      username: authMethods.username,
      signature: authMethods.signature,
      onInbox: authMethods.onInbox,
      oldEndsAt: authMethods.oldEndsAt,
      createdAt: authMethods.createdAt,
    })
    .from(authMethods)
    .where(and(eq(authMethods.projectId, ctx.project.id), ...(cursor ? [gt(authMethods.id, cursor)] : [])))
    .orderBy(asc(authMethods.id))
    .limit(limit + 1);
  const ids = found.map((row) => row.id);
  // checked: the methods are this project's
  const links =
    ids.length === 0
      ? []
      : await ctx.db.select().from(triggerAuthMethods).where(inArray(triggerAuthMethods.authMethodId, ids));
  const now = new Date();
  const items = found.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    oldEndsAt: row.oldEndsAt && row.oldEndsAt > now ? iso(row.oldEndsAt) : null,
    triggerIds: links.filter((link) => link.authMethodId === row.id).map((link) => link.triggerId),
  }));
  return toPage(items, limit);
}
