import { TriangleAlert } from "lucide-react";
import type { Usage } from "@/lib/domain/usage/types";

/** From how many percent on the page says so; mails go out from then on, too. */
const warningPercent = 85;

/** Says that the month's runs run out, or are used up. */
export function PlanNotice({ usage }: { usage: Usage }) {
  const { percent, plan, runs } = usage;
  if (percent === null || percent < warningPercent || plan.runsPerMonth === null) return null;
  const isUsedUp = runs >= plan.runsPerMonth;
  return (
    <p
      role="status"
      data-status={isUsedUp ? "failed" : "rejected"}
      className="mb-5 flex items-start gap-2 rounded-lg border border-(--status-line) bg-(--status-soft) px-4 py-3"
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-(--status)" />
      <span>
        {isUsedUp
          ? `All ${plan.runsPerMonth.toLocaleString("en")} runs of this month are used up. `
          : `${percent} % of this month's runs are used up. `}
        {plan.limitKind === "soft"
          ? "What comes beyond them is kept and not run: its work orders are rejected, and can be released later."
          : "What comes beyond them is refused."}{" "}
        Whoever runs this Waybill can give the project more.
      </span>
    </p>
  );
}
