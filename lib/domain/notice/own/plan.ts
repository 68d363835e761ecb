import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { ContentMaker } from "@/lib/domain/notice/contents";
import { env, publicUrl } from "@/lib/env";
import { beyondPlan } from "@/lib/mail/texts";
import type { LimitKind } from "@/lib/words";

type Plan = { name: string; used: number; runsPerMonth: number; limitKind: LimitKind };

/** A project's runs of this month run out, or have. */
export const planContent: ContentMaker = {
  async contentOf(db, { projectId, data: { percent, month } }) {
    const [plan] = await rows<Plan>(
      db,
      sql`select name, plan_used(id, runs_per_month) as used, runs_per_month as "runsPerMonth", limit_kind as "limitKind"
          from projects where id = ${projectId} and runs_per_month is not null
            and date_trunc('month', now() at time zone 'UTC')::date = ${String(month)}::date`,
    );
    if (!plan) return null;
    const { name, used, runsPerMonth, limitKind } = plan;
    const isUsedUp = percent === 100;
    return {
      subject: isUsedUp
        ? `${name} has used up its runs of this month on Waybill`
        : `${name} will soon have used up its runs of this month on Waybill`,
      lead: `The project ${name} has started ${used.toLocaleString("en")} of the ${runsPerMonth.toLocaleString("en")} runs that it has this month.`,
      facts: [],
      todo: `${beyondPlan[limitKind]} Whoever runs this Waybill can give it more.`,
      actions: [{ label: "Its usage, day by day", url: `${publicUrl(env())}/p/${projectId}/usage` }],
      stop: null,
    };
  },
};
