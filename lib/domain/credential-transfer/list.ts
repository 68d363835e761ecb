import { and, desc, eq, gt, inArray, lt, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { z } from "zod";
import { iso } from "@/db/rows";
import {
  credentials,
  credentialTransfers,
  projectCredentials,
  projectMembers,
  projects,
  users,
} from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { hostList, moment } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";

/** An offer as both sides see it: never the secret. */
export const transferSummary = z
  .strictObject({
    id: z.uuid(),
    credentialId: z.uuid(),
    name: z.string(),
    schema: z.string(),
    allowedHosts: hostList,
    from: z.string(),
    to: z.string(),
    isToMe: z.boolean(),
    /** Names of the reader's projects whose jobs use it. */
    projects: z.array(z.string()),
    expiresAt: moment,
  })
  .meta({ id: "CredentialTransfer" });
export type TransferSummary = z.infer<typeof transferSummary>;

/** Offers of credentials that the caller made or was made and that have not run out, newest first. */
export async function listTransfers(
  ctx: UserContext,
  input: z.input<typeof pageInput> = {},
): Promise<Page<TransferSummary>> {
  const { cursor, limit } = pageInput.parse(input);
  const { userId } = ctx.actor;
  const t = credentialTransfers;
  const [maker, taker] = [alias(users, "maker"), alias(users, "taker")];
  const found = await ctx.db
    .select({
      id: t.id,
      credentialId: t.credentialId,
      name: credentials.name,
      schema: credentials.schema,
      allowedHosts: credentials.allowedHosts,
      from: maker.email,
      to: taker.email,
      toId: t.toId,
      expiresAt: t.expiresAt,
    })
    .from(t)
    .innerJoin(credentials, eq(credentials.id, t.credentialId))
    .innerJoin(maker, eq(maker.id, t.fromId))
    .innerJoin(taker, eq(taker.id, t.toId))
    .where(
      and(
        or(eq(t.fromId, userId), eq(t.toId, userId)),
        gt(t.expiresAt, sql`now()`),
        ...(cursor ? [lt(t.id, cursor)] : []),
      ),
    )
    .orderBy(desc(t.id))
    .limit(limit + 1);
  const uses = await usesOf(
    ctx,
    found.map(({ credentialId }) => credentialId),
  );
  const items = found.map(({ toId, expiresAt, ...row }) => ({
    ...row,
    isToMe: toId === userId,
    projects: uses.filter(({ credentialId }) => credentialId === row.credentialId).map(({ name }) => name),
    expiresAt: iso(expiresAt),
  }));
  return toPage(items, limit);
}

async function usesOf(ctx: UserContext, ids: string[]) {
  if (ids.length === 0) return [];
  return ctx.db
    .select({ credentialId: projectCredentials.credentialId, name: projects.name })
    .from(projectCredentials)
    .innerJoin(projects, eq(projects.id, projectCredentials.projectId))
    .innerJoin(projectMembers, eq(projectMembers.projectId, projects.id))
    .where(and(inArray(projectCredentials.credentialId, ids), eq(projectMembers.userId, ctx.actor.userId)))
    .orderBy(projects.name);
}
