import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";

const parts = {
  bodies: z.number().meta({ description: "Bytes of messages' bodies." }),
  states: z.number().meta({ description: "Bytes of what steps returned, and of other stored states." }),
  logs: z.number().meta({ description: "Bytes of lines of logs." }),
};

/** How much a project has stored, and where that leads to. */
export const storage = z
  .strictObject({
    countedTo: moment.nullable().meta({
      description: "What came later is not counted yet: as a rule an hour. null: nothing is.",
    }),
    now: z.strictObject({ messages: z.number(), ...parts }),
    days: z
      .array(
        z.strictObject({
          day: z.iso.date(),
          messages: z.number(),
          came: z.number().meta({ description: "Bytes that came and were kept." }),
          went: z.number().meta({ description: "Bytes that were wiped or deleted, whenever they had come." }),
        }),
      )
      .meta({ description: "The last 30 days that have begun, in UTC, oldest first." }),
    forecast: z
      .strictObject({ bytesIn30Days: z.number(), bytesPerDay: z.number() })
      .meta({ description: "If it goes on as in the last seven whole days, what goes included." }),
  })
  .meta({ id: "StorageUsage" });
export type StorageUsage = z.infer<typeof storage>;

type Day = { day: string; messages: number; came: number; went: number };
type Stored = StorageUsage["now"];

const shownDays = 30;
const forecastDays = 7;
const dayMs = 86_400_000;

/** How many bytes the project's messages, states and logs take, by day and now, with a forecast. */
export async function getStorage(ctx: Context, now = new Date()): Promise<StorageUsage> {
  requirePermission(ctx, "project.read");
  const dayAt = (back: number) => new Date(now.getTime() - back * dayMs).toISOString().slice(0, 10);
  const [stored] = await rows<Stored>(
    ctx.db,
    sql`select greatest(0, coalesce(sum(messages - gone_messages), 0))::float8 as messages,
          greatest(0, coalesce(sum(body_bytes - gone_body_bytes), 0))::float8 as bodies,
          greatest(0, coalesce(sum(state_bytes - gone_state_bytes), 0))::float8 as states,
          greatest(0, coalesce(sum(log_bytes - gone_log_bytes), 0))::float8 as logs
        from usage_days where project_id = ${ctx.project.id}`,
  );
  if (!stored) throw new Error("Nothing was summed up.");
  const found = await rows<Day>(
    ctx.db,
    sql`select day::text, messages::float8 as messages, (body_bytes + state_bytes + log_bytes)::float8 as came,
          (gone_body_bytes + gone_state_bytes + gone_log_bytes)::float8 as went
        from usage_days where project_id = ${ctx.project.id} and day >= ${dayAt(shownDays)}::date order by day`,
  );
  const [counted] = await rows<{ to: Date | string }>(
    ctx.db,
    sql`select moment_of(bytes_to) as to from usage_counted where bytes_to > id_at('2000-01-01')`,
  );
  const byDay = new Map(found.map((row) => [row.day, row]));
  const days = Array.from({ length: shownDays }, (_, place) => {
    const day = dayAt(shownDays - 1 - place);
    const row = byDay.get(day);
    return { day, messages: row?.messages ?? 0, came: row?.came ?? 0, went: row?.went ?? 0 };
  });
  const lately = days.slice(-1 - forecastDays, -1);
  const bytesPerDay = lately.reduce((total, { came, went }) => total + came - went, 0) / forecastDays;
  const bytes = stored.bodies + stored.states + stored.logs;
  return {
    countedTo: counted ? new Date(counted.to).toISOString() : null,
    now: stored,
    days,
    forecast: {
      bytesPerDay: Math.round(bytesPerDay),
      bytesIn30Days: Math.max(0, Math.round(bytes + 30 * bytesPerDay)),
    },
  };
}
