import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { authMethods } from "@/db/schema";
import { open, seal } from "@/lib/crypto/envelope";
import { newToken } from "@/lib/crypto/token";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { env } from "@/lib/env";
import { authDigest } from "@/lib/inbox/digest";
import { inboxKeys } from "@/lib/inbox/keys";
import { sealSecret } from "@/lib/inbox/sealed";
import { signatureContext } from "@/lib/inbox/verify";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { secretContext, secretProblem, senderSecret } from "./create";
import { authMethodId } from "./delete";

/** The longest that two secrets of one method count. */
const maxDays = 366;

export const replacedSecret = authMethodId.extend({
  /** The new password, key, or secret that senders sign with. An API key is made here when absent. */
  secret: senderSecret.optional(),
  oldEndsAt: z.iso.datetime({ offset: true }).nullable().meta({
    description: "Until when the present secret counts too, at most a year from now; null: no longer.",
  }),
});

export const liveSecrets = z.strictObject({ oldEndsAt: moment.nullable() });

/**
 * Gives an authentication method another secret, while the present one counts until a chosen day, so that senders can be
 * told one after the other. What counted before both ends. Throws `invalid` for a day that is over or too far away and for
 * a secret that is the present one, `conflict` when somebody has replaced it meanwhile.
 */
export async function replaceSecret(
  ctx: Context,
  input: z.input<typeof replacedSecret>,
): Promise<z.infer<typeof liveSecrets>> {
  requirePermission(ctx, "auth_method.manage");
  const { authMethodId: id, secret: given, oldEndsAt } = replacedSecret.parse(input);
  const ends = endOf(oldEndsAt);
  const [method] = await ctx.db
    .select()
    .from(authMethods)
    .where(and(eq(authMethods.id, id), eq(authMethods.projectId, ctx.project.id)));
  if (!method) throw notFound("The authentication method");
  const { name, type, username, signature } = method;
  if (given === undefined && type !== "api") throw invalid("Enter the new secret.");
  const value = given ?? newToken("wbk_").token;
  const problem = signature && secretProblem(signature.preset, value);
  if (problem) throw invalid(problem);
  if (open(method.secret, secretContext(ctx.project.id, name)) === value)
    throw invalid("This is the present secret. Enter another one.");
  const { digestKey, sealingKey } = await inboxKeys(env().SECRET_KEY ?? "");
  const values = {
    secret: seal(value, secretContext(ctx.project.id, name)),
    digest: await authDigest(digestKey, type, type === "basic" ? `${username}:${value}` : value),
    signatureSecret: signature
      ? await sealSecret(sealingKey, value, signatureContext(ctx.project.id, name))
      : null,
    oldDigest: ends && sql`${authMethods.digest}`,
    oldSignatureSecret: ends && sql`${authMethods.signatureSecret}`,
    oldEndsAt: ends,
  };
  return write(ctx, "auth_method.manage", async (tx) => {
    const changed = await tx
      .update(authMethods)
      .set(values)
      .where(
        and(
          eq(authMethods.id, id),
          eq(authMethods.projectId, ctx.project.id),
          eq(authMethods.digest, method.digest),
        ),
      )
      .returning({ id: authMethods.id });
    if (changed.length === 0)
      throw conflict("Somebody else replaced or deleted this secret meanwhile. Reload the page to see.");
    const result = { oldEndsAt: ends?.toISOString() ?? null };
    return {
      result,
      audit: { event: "auth_method.replace_secret", itemId: id, after: { name, ...result } },
      changed: null,
    };
  });
}

export const oldSecretEnd = replacedSecret.pick({ authMethodId: true, oldEndsAt: true });

/** Lets the secret before the present one end earlier or later, or (null) now. Throws `conflict` when none counts any more. */
export async function endOldSecret(
  ctx: Context,
  input: z.input<typeof oldSecretEnd>,
): Promise<z.infer<typeof liveSecrets>> {
  return write(ctx, "auth_method.manage", async (tx) => {
    const { authMethodId: id, oldEndsAt } = oldSecretEnd.parse(input);
    const ends = endOf(oldEndsAt);
    const [before] = await tx
      .select({ name: authMethods.name, oldEndsAt: authMethods.oldEndsAt })
      .from(authMethods)
      .where(and(eq(authMethods.id, id), eq(authMethods.projectId, ctx.project.id)))
      .for("update");
    if (!before) throw notFound("The authentication method");
    if (!before.oldEndsAt || before.oldEndsAt <= new Date())
      throw conflict("Only the present secret counts. One that has ended does not count again.");
    const gone = ends ? {} : { oldDigest: null, oldSignatureSecret: null };
    await tx
      .update(authMethods)
      .set({ oldEndsAt: ends, ...gone })
      .where(and(eq(authMethods.id, id), eq(authMethods.projectId, ctx.project.id)));
    const result = { oldEndsAt: ends?.toISOString() ?? null };
    return {
      result,
      audit: {
        event: "auth_method.end_old_secret",
        itemId: id,
        before: { oldEndsAt: before.oldEndsAt.toISOString() },
        after: { name: before.name, ...result },
      },
      changed: null,
    };
  });
}

function endOf(oldEndsAt: string | null): Date | null {
  if (oldEndsAt === null) return null;
  const ends = new Date(oldEndsAt);
  if (ends.getTime() <= Date.now())
    throw invalid("This moment is over. Leave out when the old secret ends at once.");
  if (ends.getTime() > Date.now() + maxDays * 86_400_000)
    throw invalid("The old secret can count for a year at most.");
  return ends;
}
