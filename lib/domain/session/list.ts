import { and, desc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { sessions } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { isComplete } from "./is-complete";

export const sessionSummary = z
  .strictObject({
    id: z.uuid(),
    userAgent: z.string().nullable(),
    createdAt: moment,
    lastSeenAt: moment,
  })
  .meta({ id: "Session" });
export type SessionSummary = z.infer<typeof sessionSummary>;

/** Browsers where the user is signed in, newest first. `maxAgeDays`: a cookie older than this is no session. */
export async function listSessions(
  ctx: UserContext,
  { maxAgeDays, ...input }: z.input<typeof pageInput> & { maxAgeDays: number },
): Promise<Page<SessionSummary>> {
  const { cursor, limit } = pageInput.parse(input);
  const rows = await ctx.db
    .select({
      id: sessions.id,
      userAgent: sessions.userAgent,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
    })
    .from(sessions)
    .where(
      and(
        eq(sessions.userId, ctx.actor.userId),
        isNull(sessions.revokedAt),
        isComplete(ctx.db),
        gt(sessions.createdAt, sql`now() - make_interval(days => ${maxAgeDays})`),
        ...(cursor ? [lt(sessions.id, cursor)] : []),
      ),
    )
    .orderBy(desc(sessions.id))
    .limit(limit + 1);
  const items = rows.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    lastSeenAt: iso(row.lastSeenAt),
  }));
  return toPage(items, limit);
}
