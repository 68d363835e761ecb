import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import { z } from "zod";
import { isoOrNull } from "@/db/rows";
import { apiTokens } from "@/db/schema";
import { newToken } from "@/lib/crypto/token";
import type { UserContext } from "@/lib/domain/context";
import { lockPerson, refuseOneMore } from "@/lib/domain/counted";
import { moment, named, storable } from "@/lib/domain/fields";
import { findMembership } from "@/lib/domain/member/find-role";
import { write } from "@/lib/domain/write";
import { forbidden, notFound } from "@/lib/refusal";
import { tokenScopes } from "@/lib/words";

const maxDays = 3650;
const dayMs = 86_400_000;

export const newApiToken = z.strictObject({
  name: storable.trim().min(1, "Enter a name, such as deploy script.").max(100),
  scopes: z
    .array(z.enum(tokenScopes))
    .min(1, "Choose at least one thing that the token may do.")
    .max(20)
    .default([...tokenScopes])
    .meta({ description: "What it may do, besides what it never may. All four when nothing is said." }),
  projectIds: z
    .array(z.uuid())
    .min(1, "Choose at least one project.")
    .max(50)
    .nullish()
    .meta({ description: "The projects that it works in; all of its owner's without them." }),
  projectId: z.uuid().nullish().meta({ description: "The same for one project." }),
  expiresInDays: z.int().min(1).max(maxDays).nullish(),
  expiresAt: z.iso
    .datetime({ offset: true })
    .refine((at) => Date.parse(at) > Date.now(), "Choose a day that is still to come.")
    .refine((at) => Date.parse(at) < Date.now() + maxDays * dayMs, "Choose a day within ten years.")
    .nullish(),
});

export const createdToken = z.strictObject({
  ...named.shape,
  token: z.string(),
  scopes: z.array(z.enum(tokenScopes)),
  projectIds: z.array(z.uuid()).nullable(),
  expiresAt: moment.nullable(),
});
export type CreatedToken = z.infer<typeof createdToken>;

/**
 * Makes an API token that acts with its owner's roles, as far as its scopes let it. The token is in the answer and
 * nowhere else. Throws `not_found` for a project that the caller is no member of, `forbidden` when an API token asks.
 */
export async function createToken(
  ctx: UserContext,
  input: z.input<typeof newApiToken>,
): Promise<CreatedToken> {
  if (ctx.actor.type === "token") throw forbidden("An API token cannot make others. Sign in with a browser.");
  const parsed = newApiToken.parse(input);
  const { name } = parsed;
  const scopes = tokenScopes.filter((scope) => parsed.scopes.includes(scope));
  const chosen = [
    ...new Set([...(parsed.projectIds ?? []), ...(parsed.projectId ? [parsed.projectId] : [])]),
  ];
  const expiresAt = endOf(parsed);
  const { token, hash } = newToken("wb_");
  const { userId } = ctx.actor;
  return write(ctx, "own", async (tx) => {
    await lockPerson(tx, userId);
    await refuseOneMore(tx, "apiTokens", {
      table: apiTokens,
      where: isLiveOf(userId),
      whose: "Your account",
    });
    let project: { id: string } | undefined;
    for (const id of chosen) {
      const membership = await findMembership(tx, userId, id);
      if (!membership) throw notFound("The project");
      project = membership.project;
    }
    const [only, ...others] = chosen;
    const [row] = await tx
      .insert(apiTokens)
      .values({
        userId,
        projectId: only && others.length === 0 ? only : null,
        projectIds: others.length > 0 ? chosen : null,
        scopes,
        name,
        tokenHash: hash,
        expiresAt,
      })
      .returning({ id: apiTokens.id });
    if (!row) throw new Error("The token was not inserted.");
    const after = { name, scopes, projectIds: only ? chosen : null, expiresAt: isoOrNull(expiresAt) };
    return {
      result: { id: row.id, token, ...after },
      // The record of a project holds what was made for it alone.
      audit: {
        event: "token.create",
        itemId: row.id,
        after,
        project: others.length > 0 ? undefined : project,
      },
      changed: null,
    };
  });
}

const isLiveOf = (userId: string) =>
  and(
    eq(apiTokens.userId, userId),
    isNull(apiTokens.revokedAt),
    or(isNull(apiTokens.expiresAt), gt(apiTokens.expiresAt, sql`now()`)),
  );

type Term = Pick<z.output<typeof newApiToken>, "expiresInDays" | "expiresAt">;

/** When a token ends that is made now; null for never. */
export const endOf = ({ expiresInDays, expiresAt }: Term): Date | null =>
  expiresAt ? new Date(expiresAt) : expiresInDays ? new Date(Date.now() + expiresInDays * dayMs) : null;
