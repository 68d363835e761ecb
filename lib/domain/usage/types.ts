import { z } from "zod";
import { limitKinds } from "@/lib/words";

/** `2026-11`, in UTC. */
export const monthText = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "Name a month as 2026-11.");

const counts = {
  runs: z.int().meta({ description: "Runs that were started." }),
  rejected: z.int().meta({
    description: "Work orders that the plan kept from running, also those that were released later.",
  }),
  skipped: z.int().meta({ description: "Turns of cron triggers that the plan let pass." }),
};

export const usageDay = z.strictObject({ day: z.iso.date(), ...counts }).meta({ id: "UsageDay" });

export const plan = z
  .strictObject({
    runsPerMonth: z.int().nullable().meta({ description: "null lets as many start as come." }),
    runsPerMinute: z.int().nullable(),
    limitKind: z.enum(limitKinds).meta({
      description:
        "What becomes of a message when the month's runs are used up: `soft` keeps it, with its work orders rejected; `hard` refuses it.",
    }),
  })
  .meta({ id: "Plan" });
export type Plan = z.infer<typeof plan>;

export const usage = z
  .strictObject({
    month: monthText,
    plan: plan.meta({ description: "As it is now." }),
    ...counts,
    percent: z
      .int()
      .nullable()
      .meta({ description: "Of the plan's runs a month, rounded down; null without that limit." }),
    toRelease: z
      .int()
      .meta({ description: "Work orders of any month that are rejected still; counted up to 1000." }),
    days: z.array(usageDay).meta({ description: "Every day of the month that has begun, in UTC." }),
    forecast: z
      .strictObject({
        runs: z.int().meta({ description: "At the month's end, if it goes on as in the last seven days." }),
        reachedOn: z.iso
          .date()
          .nullable()
          .meta({ description: "When the plan's runs a month would be used up; null when they would not." }),
      })
      .nullable()
      .meta({ description: "null for a month that is over." }),
  })
  .meta({ id: "Usage" });
export type Usage = z.infer<typeof usage>;

export const usageMonth = z.strictObject({ month: monthText, ...counts }).meta({ id: "UsageMonth" });
export type UsageMonth = z.infer<typeof usageMonth>;
