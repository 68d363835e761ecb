import { isDeepStrictEqual } from "node:util";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull } from "@/db/rows";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { type Persistence, persistences } from "@/lib/words";
import type { Retention } from "@/lib/workflow/types";

/** For how long whoever shortens something can take it back before anything goes. */
export const graceMinutes = 60;
/** Longest that may be chosen: ten years, nearly. */
export const mostDays = 3_650;

const days = z.int().min(1, "At least one day.").max(mostDays, `At most ${mostDays} days.`).nullable();
const daysOf = (what: string) =>
  z
    .strictObject({ success: days, failure: days })
    .meta({ description: `${what}, of successes and of everything else; null = as long as the history.` });

export const retention: z.ZodType<Retention> = z
  .strictObject({
    messages: daysOf("Days for which path, query, headers and body of messages are kept"),
    dataclips: daysOf("Days for which what steps returned, and inputs without a name, are kept"),
    logs: daysOf("Days for which logs, and what errors say beyond their types, are kept"),
    history: days.meta({
      description: "Days for which work orders, their runs and their messages are kept; null = for ever.",
    }),
  })
  .superRefine(({ history, ...parts }, issue) => {
    if (history === null) return;
    for (const [part, of] of Object.entries(parts))
      for (const [kind, chosen] of Object.entries(of))
        if (chosen !== null && chosen > history)
          issue.addIssue({
            code: "custom",
            path: [part, kind],
            message: `It goes with the history, after ${history} days. Choose at most as many, or a longer history.`,
          });
  })
  .meta({ id: "Retention" });

const persistence = z.enum(persistences).meta({
  description:
    "`retain_all`: everything is kept for its days. `erase_all`: what steps return is not stored, and what messages said is wiped once their runs have ended. `retain_with_errors`: the same of what succeeded.",
});

export const retentionUpdate = z.strictObject({
  retention,
  persistence,
  basedOn: z.iso.datetime().optional().meta({ description: "The `updatedAt` that the change started from." }),
});

/** What a project keeps, and from when on what is over goes. */
export const retentionSetting = z
  .strictObject({
    retention,
    persistence,
    firstRunAt: moment.nullable().meta({
      description: "Nothing goes before. null: nothing is limited, or it has begun.",
    }),
    updatedAt: moment,
  })
  .meta({ id: "RetentionSetting" });
export type RetentionSetting = z.infer<typeof retentionSetting>;

/** Everything, for ever. */
export const keepAll: Retention = {
  messages: { success: null, failure: null },
  dataclips: { success: null, failure: null },
  logs: { success: null, failure: null },
  history: null,
};

/** What a project's row says that it keeps. */
export const retentionOf = (row: {
  retention: Retention | null;
  persistence: Persistence;
}): { retention: Retention; persistence: Persistence } => ({
  retention: row.retention ?? keepAll,
  persistence: row.persistence,
});

const columns = {
  retention: projects.retention,
  persistence: projects.persistence,
  retainsFrom: projects.retainsFrom,
  updatedAt: projects.updatedAt,
};

type Stored = {
  retention: Retention | null;
  persistence: Persistence;
  retainsFrom: Date | null;
  updatedAt: Date;
};

const settingOf = (row: Stored, now = new Date()): RetentionSetting => ({
  ...retentionOf(row),
  firstRunAt: row.retainsFrom && row.retainsFrom > now ? isoOrNull(row.retainsFrom) : null,
  updatedAt: iso(row.updatedAt),
});

/** What the project keeps, and for how long. */
export async function getRetention(ctx: Context): Promise<RetentionSetting> {
  requirePermission(ctx, "project.read");
  const [row] = await ctx.db.select(columns).from(projects).where(eq(projects.id, ctx.project.id));
  if (!row) throw notFound("The project");
  return settingOf(row);
}

/**
 * Says what the project keeps. Where it keeps less than before, nothing goes for an hour. Throws `conflict` when somebody
 * has changed the project since `basedOn`.
 */
export function updateRetention(
  ctx: Context,
  input: z.input<typeof retentionUpdate>,
): Promise<RetentionSetting> {
  const { basedOn, retention, persistence } = retentionUpdate.parse(input);
  return write(ctx, "project.update", async (tx) => {
    const [row] = await tx
      .select(columns)
      .from(projects)
      .where(eq(projects.id, ctx.project.id))
      .for("update");
    if (!row) throw notFound("The project");
    if (basedOn && basedOn !== iso(row.updatedAt))
      throw conflict("Somebody else changed these settings meanwhile. Reload the page to see them.");
    const before = retentionOf(row);
    const after = { retention, persistence };
    if (isDeepStrictEqual(before, after)) return { result: settingOf(row), audit: null, changed: null };
    const isAll = isDeepStrictEqual(retention, keepAll);
    const goesLess = keepsLess(before, after);
    const [saved] = await tx
      .update(projects)
      .set({
        retention: isAll ? null : retention,
        persistence,
        ...(goesLess ? { retainsFrom: sql`clock_timestamp() + make_interval(mins => ${graceMinutes})` } : {}),
        updatedAt: sql`date_trunc('milliseconds', clock_timestamp())`,
      })
      .where(eq(projects.id, ctx.project.id))
      .returning(columns);
    if (!saved) throw notFound("The project");
    return {
      result: settingOf(saved),
      audit: { event: "project.retention", itemId: ctx.project.id, before, after },
      changed: null,
    };
  });
}

type Setting = { retention: Retention; persistence: Persistence };

const strictness = { retain_all: 0, retain_with_errors: 1, erase_all: 2 } as const;

/** Whether anything is kept for less long than before. */
export function keepsLess(before: Setting, after: Setting): boolean {
  if (strictness[after.persistence] > strictness[before.persistence]) return true;
  const [was, is] = [daysIn(before.retention), daysIn(after.retention)];
  return is.some((days, place) => days < (was[place] ?? Number.POSITIVE_INFINITY));
}

/** Every number of days, with what is kept as long as the history. */
function daysIn({ messages, dataclips, logs, history }: Retention): number[] {
  const whole = history ?? Number.POSITIVE_INFINITY;
  return [messages, dataclips, logs]
    .flatMap(({ success, failure }) => [success ?? whole, failure ?? whole])
    .concat(whole);
}
