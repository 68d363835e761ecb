import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { credentials } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { notFound } from "@/lib/refusal";
import { envName } from "@/lib/workflow/env-name";

export const environmentOf = z.strictObject({ credentialId: z.uuid(), env: envName });

/** One of the caller's credentials, whose environments nobody else changes until the transaction ends. Throws `not_found`. */
export async function lockOwn(tx: Db, { actor }: UserContext, id: string): Promise<{ name: string }> {
  const [row] = await tx
    .select({ name: credentials.name })
    .from(credentials)
    .where(and(eq(credentials.id, id), eq(credentials.ownerId, actor.userId)))
    .for("no key update");
  if (!row) throw notFound("The credential");
  return row;
}

/** Says the same whether the environment is not there or was never one. */
export const noEnvironment = (name: string, env: string) => notFound(`The environment ${env} of ${name}`);
