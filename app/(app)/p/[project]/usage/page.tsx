import type { Metadata } from "next";
import Link from "next/link";
import { parseAsString, type SearchParams } from "nuqs/server";
import { z } from "zod";
import { Section } from "@/components/account/section";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page-header";
import { DayBars } from "@/components/usage/day-bars";
import { Months } from "@/components/usage/months";
import { monthName } from "@/components/usage/names";
import { PlanFacts } from "@/components/usage/plan-facts";
import { PlanNotice } from "@/components/usage/plan-notice";
import { StorageFacts } from "@/components/usage/storage-facts";
import { pageProject } from "@/lib/auth/context";
import { getUsage } from "@/lib/domain/usage/get";
import { listUsageMonths } from "@/lib/domain/usage/months";
import { getStorage } from "@/lib/domain/usage/storage";
import { monthText } from "@/lib/domain/usage/types";

export const metadata: Metadata = { title: "Usage" };

const pageParams = { month: parseAsString, cursor: parseAsString };
const hasBegun = (month: string) => month <= new Date().toISOString().slice(0, 7);
const pageInput = z.strictObject({
  month: monthText.refine(hasBegun, "This month has not begun.").optional(),
  cursor: monthText.optional(),
});

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function UsagePage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/usage`;
  const now = new Date();
  const current = now.toISOString().slice(0, 7);
  const strange = strangeParams(given, pageParams, pageInput);
  if (strange.length > 0) return <StrangeAddress title="Usage" {...{ path, given, strange }} />;
  const month = pageParams.month.parseServerSide(given.month) ?? current;
  const cursor = pageParams.cursor.parseServerSide(given.cursor);
  const [usage, stored, months] = await Promise.all([
    getUsage(ctx, { month }, now),
    getStorage(ctx, now),
    listUsageMonths(ctx, cursor ? { cursor } : {}, now),
  ]);
  const isCurrent = month === current;
  return (
    <>
      <PageHeader
        title="Usage"
        description="Every run that is started counts, by the day on which it was started, in UTC. Rejected work orders do not."
      />
      {isCurrent ? <PlanNotice usage={usage} /> : null}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="grid gap-5">
          <Section
            title={isCurrent ? `${monthName(month)}, so far` : monthName(month)}
            description={[
              formatCount(usage.runs, "run"),
              ...(usage.rejected > 0 ? [`${formatCount(usage.rejected, "work order")} rejected`] : []),
              ...(usage.skipped > 0
                ? [`${formatCount(usage.skipped, "turn")} of cron triggers passed over`]
                : []),
            ].join(", ")}
            action={
              isCurrent ? null : (
                <Button asChild variant="outline" size="sm">
                  <Link href={path}>This month</Link>
                </Button>
              )
            }
          >
            <DayBars days={usage.days} />
          </Section>
          {isCurrent ? (
            <Section
              title="Stored"
              description="Bytes of what was sent and returned, without the database's own."
            >
              <StorageFacts storage={stored} />
            </Section>
          ) : null}
        </div>
        <div className="grid gap-5">
          <Section title="Plan" description="Whoever runs this Waybill sets it.">
            <PlanFacts projectId={ctx.project.id} usage={usage} />
          </Section>
          <Section title="Former months" flush>
            <Months path={path} page={months} shown={month} />
          </Section>
        </div>
      </div>
    </>
  );
}
