import type { Metadata } from "next";
import Link from "next/link";
import type { SearchParams } from "nuqs/server";
import { withQuery } from "@/components/api";
import { compact } from "@/components/query";
import { CauseFilter } from "@/components/refused/cause-filter";
import { RefusedTable } from "@/components/refused/refused-table";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { may } from "@/lib/domain/permissions";
import { listRefused, listRefusedInput } from "@/lib/domain/refused/list";
import { loadRefusedParams, refusedParams } from "./search-params";

export const metadata: Metadata = { title: "Refused requests" };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

/** What was refused at the project's URLs within a day, and what came again. */
export default async function RefusedPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/inbox/refused`;
  const strange = strangeParams(given, refusedParams, listRefusedInput);
  if (strange.length > 0) return <StrangeAddress title="Refused requests" {...{ path, given, strange }} />;
  const asked = await loadRefusedParams(given);
  const { items, nextCursor } = await listRefused(ctx, compact(asked));
  return (
    <>
      <PageHeader
        title="Refused requests"
        parent={<Link href={`/p/${ctx.project.id}/inbox`}>Inbox</Link>}
        description="Kept for a day, with the cause. What you accept becomes the message that it would have been."
        actions={<CauseFilter cause={asked.cause} path={path} />}
      />
      {items.length === 0 ? (
        <EmptyState
          title={asked.cause ? "Nothing of this kind within a day" : "Nothing was refused within a day"}
        >
          What the project's URLs refuse is listed here for a day, and repeats of messages that came before.
        </EmptyState>
      ) : (
        <RefusedTable projectId={ctx.project.id} rows={items} canAccept={may(ctx, "message.resend")} />
      )}
      {nextCursor ? (
        <Button asChild variant="outline" className="mt-3">
          <Link href={withQuery(path, { cause: asked.cause, cursor: nextCursor })}>Older ones</Link>
        </Button>
      ) : null}
    </>
  );
}
