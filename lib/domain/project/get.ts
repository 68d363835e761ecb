import { eq } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull } from "@/db/rows";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { deliveryRule } from "@/lib/inbox/delivery-rule";
import { notFound } from "@/lib/refusal";
import { limitKinds } from "@/lib/words";

export const projectDetail = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
    inboxId: z.uuid(),
    inboxEnabled: z.boolean(),
    maxBodyBytes: z.int().nullable(),
    deliveryId: deliveryRule.nullable(),
    ratePerMinute: z.int().nullable(),
    inboxRatePerMinute: z.int().nullable(),
    concurrency: z.int().nullable(),
    runsPerMonth: z
      .int()
      .nullable()
      .meta({ description: "The plan, which the operator sets: null lets as many start as come." }),
    runsPerMinute: z.int().nullable(),
    limitKind: z.enum(limitKinds).meta({
      description:
        "What becomes of a message when the month's runs are used up: `soft` keeps it, with its work orders rejected; `hard` refuses it.",
    }),
    redactions: z.array(z.strictObject({ path: z.string() })).meta({
      description: "Paths of what is redacted of every message before it is stored.",
    }),
    egressAllow: z.array(z.string()).nullable(),
    env: z
      .string()
      .nullable()
      .meta({ description: "Which of a credential's environments its jobs get; null: main." }),
    requireSecondFactor: z.boolean(),
    pausedAt: moment
      .nullable()
      .meta({ description: "Since when the runs of all its workflows are kept; null while they start." }),
    fullSince: moment.nullable().meta({
      description:
        "Since when its messages are answered 429, because so many of its runs wait; null while they are accepted.",
    }),
    fullUntil: moment.nullable().meta({ description: "Until when, at the pace of its runs." }),
    deletionScheduledAt: moment.nullable(),
    deletesAt: moment
      .nullable()
      .meta({ description: "When it is purged, if it is being deleted. Until then that can be undone." }),
    createdAt: moment,
    updatedAt: moment.meta({
      description: "A save names it (`basedOn`), so that two people do not overwrite each other unknowingly.",
    }),
  })
  .meta({ id: "Project" });
export type ProjectSettings = z.infer<typeof projectDetail>;

/** A project's settings. */
export async function getProject(ctx: Context): Promise<ProjectSettings> {
  requirePermission(ctx, "project.read");
  const [row] = await ctx.db.select().from(projects).where(eq(projects.id, ctx.project.id));
  if (!row) throw notFound("The project");
  const isFull = row.fullUntil !== null && row.fullUntil.getTime() > Date.now();
  return {
    ...settingsOf(row),
    redactions: row.redactions ?? [],
    pausedAt: isoOrNull(row.pausedAt),
    fullSince: isFull ? isoOrNull(row.fullSince) : null,
    fullUntil: isFull ? isoOrNull(row.fullUntil) : null,
    deletionScheduledAt: isoOrNull(row.deletionScheduledAt),
    deletesAt: isoOrNull(row.deletesAt),
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
  };
}

const keys = Object.keys(projectDetail.shape) as (keyof ProjectSettings)[];

/** What the answer declares, whatever columns there are besides. */
const settingsOf = (row: typeof projects.$inferSelect) =>
  Object.fromEntries(keys.map((key) => [key, row[key]])) as Pick<typeof row, keyof ProjectSettings>;
