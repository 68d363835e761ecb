import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { apiTokens, users } from "@/db/schema";
import { hashToken } from "@/lib/crypto/token";
import type { TokenScope } from "@/lib/words";
import { boundProjects } from "./projects";

export type ResolvedToken = {
  id: string;
  name: string;
  scopes: TokenScope[];
  /** The only projects that it works in; null for all of its owner's. */
  projectIds: string[] | null;
  user: { id: string; email: string; name: string | null };
};

const touchAfterMs = 5 * 60_000;

/** Whether a token's last use is to be written anew: seldom, not with every call. */
export const isUnseen = (lastUsedAt: Date | null): boolean =>
  !lastUsedAt || Date.now() - lastUsedAt.getTime() > touchAfterMs;

/** The token's owner, scopes and projects, or undefined when it is unknown, revoked, expired, or its owner is disabled. */
export async function resolveToken(db: Db, token: string): Promise<ResolvedToken | undefined> {
  const [row] = await db
    .select({
      id: apiTokens.id,
      name: apiTokens.name,
      scopes: apiTokens.scopes,
      projectId: apiTokens.projectId,
      projectIds: apiTokens.projectIds,
      lastUsedAt: apiTokens.lastUsedAt,
      user: { id: users.id, email: users.email, name: users.name },
    })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .where(
      and(
        eq(apiTokens.tokenHash, hashToken(token)),
        isNull(apiTokens.revokedAt),
        isNull(users.disabledAt),
        isNull(users.deletesAt),
        or(isNull(apiTokens.expiresAt), gt(apiTokens.expiresAt, sql`now()`)),
      ),
    );
  if (!row) return undefined;
  const { lastUsedAt, projectId, projectIds, ...resolved } = row;
  if (isUnseen(lastUsedAt))
    await db.update(apiTokens).set({ lastUsedAt: sql`now()` }).where(eq(apiTokens.id, row.id));
  return { ...resolved, projectIds: boundProjects({ projectId, projectIds }) };
}
