import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { projects, projectTokens } from "@/db/schema";
import { hashToken } from "@/lib/crypto/token";
import { isUnseen } from "@/lib/domain/token/resolve";
import type { TokenScope } from "@/lib/words";

export type ResolvedProjectToken = {
  id: string;
  name: string;
  scopes: TokenScope[];
  project: { id: string; name: string; deletesAt: Date | null };
};

/** A repository's token with its project, or undefined when it is unknown, revoked or expired. */
export async function resolveProjectToken(db: Db, token: string): Promise<ResolvedProjectToken | undefined> {
  const [row] = await db
    .select({
      id: projectTokens.id,
      name: projectTokens.name,
      scopes: projectTokens.scopes,
      lastUsedAt: projectTokens.lastUsedAt,
      project: { id: projects.id, name: projects.name, deletesAt: projects.deletesAt },
    })
    .from(projectTokens)
    .innerJoin(projects, eq(projects.id, projectTokens.projectId))
    .where(
      and(
        // all tenants: the token says which
        eq(projectTokens.tokenHash, hashToken(token)),
        isNull(projectTokens.revokedAt),
        or(isNull(projectTokens.expiresAt), gt(projectTokens.expiresAt, sql`now()`)),
      ),
    );
  if (!row) return undefined;
  const { lastUsedAt, ...resolved } = row;
  if (isUnseen(lastUsedAt))
    // checked: the token is the project's
    await db.update(projectTokens).set({ lastUsedAt: sql`now()` }).where(eq(projectTokens.id, row.id));
  return resolved;
}
