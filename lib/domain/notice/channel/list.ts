import { asc, eq } from "drizzle-orm";
import { iso, isoOrNull } from "@/db/rows";
import { noticeChannels } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { limits } from "@/lib/limits";
import type { ChannelSummary } from "./types";

const {
  id,
  name,
  type,
  host,
  disabledAt,
  failures,
  failingSince,
  pausedUntil,
  lastError,
  lastSentAt,
  createdAt,
} = noticeChannels;
const columns = {
  id,
  name,
  type,
  host,
  disabledAt,
  failures,
  failingSince,
  pausedUntil,
  lastError,
  lastSentAt,
  createdAt,
};

/** A project's channels, the oldest first; never their addresses. There are few (`limits.noticeChannels`). */
export async function listChannels(ctx: Context): Promise<ChannelSummary[]> {
  requirePermission(ctx, "notice_channel.read");
  const found = await ctx.db
    .select(columns)
    .from(noticeChannels)
    .where(eq(noticeChannels.projectId, ctx.project.id))
    .orderBy(asc(noticeChannels.createdAt), asc(noticeChannels.id))
    .limit(limits.noticeChannels);
  return found.map((row) => ({
    ...row,
    disabledAt: isoOrNull(row.disabledAt),
    failingSince: isoOrNull(row.failingSince),
    pausedUntil: isoOrNull(row.pausedUntil),
    lastSentAt: isoOrNull(row.lastSentAt),
    createdAt: iso(row.createdAt),
  }));
}
