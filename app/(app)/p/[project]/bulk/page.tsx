import { ListChecks } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { parseAsString, type SearchParams } from "nuqs/server";
import { ActTable } from "@/components/bulk/act-table";
import { KeepCurrent } from "@/components/bulk/keep-current";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { listBulkActs } from "@/lib/domain/bulk/get";
import type { BulkAct } from "@/lib/domain/bulk/schemas";
import { may } from "@/lib/domain/permissions";

export const metadata: Metadata = { title: "Bulk" };

const pageParams = { cursor: parseAsString };

const isUnderWay = ({ state }: BulkAct) => state === "running" || state === "undoing";

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function BulkPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/bulk`;
  const strange = strangeParams(given, pageParams);
  if (strange.length > 0) return <StrangeAddress title="Bulk" {...{ path, given, strange }} />;
  const cursor = pageParams.cursor.parseServerSide(given.cursor);
  const mayAct = may(ctx, "run.rerun");
  const { items, nextCursor } = await listBulkActs(ctx, cursor ? { cursor } : {});
  return (
    <>
      <PageHeader
        title="Bulk"
        description="What was done with many messages or runs at once, and how far it is."
      />
      {items.length === 0 && !cursor ? (
        <EmptyState
          icon={<ListChecks />}
          title="No bulk act yet"
          action={
            mayAct ? (
              <>
                <Button asChild>
                  <Link href={`/p/${ctx.project.id}/inbox`}>Choose messages in the inbox</Link>
                </Button>
                <Button asChild variant="outline">
                  <Link href={`/p/${ctx.project.id}/activity`}>Choose runs in the activity history</Link>
                </Button>
              </>
            ) : null
          }
        >
          {mayAct
            ? "What is chosen, or all that a filter finds, is rerun, processed as new, cancelled or released at once."
            : "What owners, admins and editors do with many messages or runs at once is listed here."}
        </EmptyState>
      ) : (
        <>
          {items.some(isUnderWay) ? <KeepCurrent /> : null}
          <ActTable projectId={ctx.project.id} acts={items} />
        </>
      )}
      {nextCursor ? (
        <Button asChild variant="outline" className="mt-4">
          <Link href={`${path}?cursor=${nextCursor}`}>Older acts</Link>
        </Button>
      ) : null}
    </>
  );
}
