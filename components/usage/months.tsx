import Link from "next/link";
import { Nothing } from "@/components/account/section";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/components/ui/format";
import type { Page } from "@/lib/domain/page";
import type { UsageMonth } from "@/lib/domain/usage/types";
import { monthName } from "./names";

type Props = { path: string; page: Page<UsageMonth>; shown: string };

/** The months before this one, newest first, each leading to its days. */
export function Months({ path, page, shown }: Props) {
  if (page.items.length === 0) return <Nothing>No month before this one.</Nothing>;
  return (
    <>
      <ul>
        {page.items.map(({ month, runs, rejected }) => (
          <li key={month} className="border-b last:border-b-0">
            <Link
              href={`${path}?month=${month}`}
              aria-current={month === shown ? "true" : undefined}
              className="flex items-baseline justify-between gap-3 px-4 py-2.5 hover:bg-muted focus-visible:-outline-offset-2 aria-[current]:bg-muted"
            >
              <span>{monthName(month)}</span>
              <span className="nums text-muted-foreground text-xs">
                {formatCount(runs, "run")}
                {rejected > 0 ? `, ${rejected.toLocaleString("en")} rejected` : ""}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {page.nextCursor ? (
        <div className="border-t px-4 py-2.5">
          <Button asChild variant="outline" size="sm">
            <Link href={`${path}?month=${shown}&cursor=${page.nextCursor}`}>Earlier months</Link>
          </Button>
        </div>
      ) : null}
    </>
  );
}
