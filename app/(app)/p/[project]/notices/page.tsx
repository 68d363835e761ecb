import { BellOff } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import type { SearchParams } from "nuqs/server";
import { withQuery } from "@/components/api";
import { KeepCurrent } from "@/components/bulk/keep-current";
import { MailTest } from "@/components/notices/mail-test";
import { ToldTable } from "@/components/notices/told-table";
import { noticeMeanings } from "@/components/notices/told-words";
import { compact } from "@/components/query";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { listNotices, type NoticeItem, noticeFilter } from "@/lib/domain/notice/list";
import { can, may } from "@/lib/domain/permissions";
import { loadNoticeListParams, noticeListParams } from "./search-params";

export const metadata: Metadata = { title: "Notices" };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

const choices = [
  { state: null, label: "All" },
  { state: "unsent", label: "Not sent", title: "Could not be sent, or may not have arrived." },
  { state: "waiting", label: "Waiting", title: noticeMeanings.waiting },
  { state: "sent", label: "Sent", title: noticeMeanings.sent },
  { state: "stopped", label: "Stopped", title: noticeMeanings.stopped },
] as const;

export default async function NoticesPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/notices`;
  const strange = strangeParams(given, noticeListParams, noticeFilter);
  if (strange.length > 0) return <StrangeAddress title="Notices" {...{ path, given, strange }} />;
  const asked = await loadNoticeListParams(given);
  const { items, nextCursor } = await listNotices(ctx, compact(asked));
  const isAll = can(ctx.role, "notice_of_others.read");
  return (
    <>
      <PageHeader
        parent={<Link href={`/p/${ctx.project.id}/settings#notices`}>Settings</Link>}
        title="Notices"
        description={`${isAll ? "What people and channels of this project were told" : "What you were told of this project"}, and what could not be sent. Kept for 90 days.`}
        actions={may(ctx, "notice.read") ? <MailTest projectId={ctx.project.id} /> : null}
      />
      <nav aria-label="State" className="mb-3 flex flex-wrap gap-1">
        {choices.map(({ state, label, ...rest }) => (
          <Button key={label} asChild size="sm" variant={state === asked.state ? "outline" : "ghost"}>
            <Link
              href={withQuery(path, compact({ state }))}
              aria-current={state === asked.state ? "page" : undefined}
              {...rest}
            >
              {label}
            </Link>
          </Button>
        ))}
      </nav>
      {items.some(isUnderWay) ? <KeepCurrent /> : null}
      {items.length > 0 ? (
        <ToldTable projectId={ctx.project.id} notices={items} canSend={may(ctx, "notice.send_again")} />
      ) : (
        <EmptyState
          icon={<BellOff />}
          title={nothing(asked.state, asked.cursor)}
          action={
            <Button asChild variant="outline">
              <Link href={`/p/${ctx.project.id}/settings#notices`}>Choose what you hear of</Link>
            </Button>
          }
        >
          {isAll
            ? "Who hears what is chosen in the settings, by each person for themselves."
            : "You choose in the settings what you hear of this project."}
        </EmptyState>
      )}
      {nextCursor ? (
        <Button asChild variant="outline" className="mt-4">
          <Link href={withQuery(path, compact({ state: asked.state, cursor: nextCursor }))}>
            Older notices
          </Link>
        </Button>
      ) : null}
    </>
  );
}

const soonMs = 60_000;

/** Not one that waits for its reader's morning, or that was refused again and again. */
const isUnderWay = ({ nextAt }: NoticeItem): boolean =>
  nextAt !== null && Date.parse(nextAt) < Date.now() + soonMs;

function nothing(state: string | null, cursor: string | null): string {
  if (cursor) return "No older notices";
  if (state === null) return "Nothing was told yet";
  return state === "unsent" ? "Everything could be sent" : `No notice is ${state}`;
}
