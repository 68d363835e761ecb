import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { apiTokens, users } from "@/db/schema";
import { hashToken } from "@/lib/crypto/token";

export type ResolvedToken = {
  id: string;
  name: string;
  projectId: string | null;
  user: { id: string; email: string; name: string | null };
};

const touchAfterMs = 5 * 60_000;

/** The token's owner and binding, or undefined when it is unknown, revoked, expired, or its owner is disabled. */
export async function resolveToken(db: Db, token: string): Promise<ResolvedToken | undefined> {
  const [row] = await db
    .select({
      id: apiTokens.id,
      name: apiTokens.name,
      projectId: apiTokens.projectId,
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
        or(isNull(apiTokens.expiresAt), gt(apiTokens.expiresAt, sql`now()`)),
      ),
    );
  if (!row) return undefined;
  const { lastUsedAt, ...resolved } = row;
  if (!lastUsedAt || Date.now() - lastUsedAt.getTime() > touchAfterMs)
    await db.update(apiTokens).set({ lastUsedAt: sql`now()` }).where(eq(apiTokens.id, row.id));
  return resolved;
}
