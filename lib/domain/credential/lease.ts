import { randomUUID } from "node:crypto";
import { and, eq, lte, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentialRefreshes } from "@/db/schema";
import { tokenTimeoutMs } from "./token-request";

/** How long only one process may ask a token server for a credential: longer than it waits for the answer. */
export const leaseMs = tokenTimeoutMs + 5_000;

/** Takes the right to renew a credential's tokens, for `leaseMs`. Null while another process has it. */
export async function claimRefresh(db: Db, credentialId: string): Promise<string | null> {
  const values = { claim: randomUUID(), expiresAt: sql`now() + make_interval(secs => ${leaseMs / 1000})` };
  const [row] = await db
    .insert(credentialRefreshes)
    .values({ credentialId, ...values })
    .onConflictDoUpdate({
      target: credentialRefreshes.credentialId,
      set: values,
      setWhere: lte(credentialRefreshes.expiresAt, sql`now()`),
    })
    .returning({ claim: credentialRefreshes.claim });
  return row?.claim ?? null;
}

/** Gives that right back; nothing happens when it has run out and is another's. */
export async function releaseRefresh(db: Db, credentialId: string, claim: string): Promise<void> {
  await db
    .delete(credentialRefreshes)
    .where(and(eq(credentialRefreshes.credentialId, credentialId), eq(credentialRefreshes.claim, claim)));
}
