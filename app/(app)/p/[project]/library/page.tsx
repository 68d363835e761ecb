import { LibraryBig } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import type { SearchParams } from "nuqs/server";
import { z } from "zod";
import { EntryDialog } from "@/components/library/entry-dialog";
import { EntryList } from "@/components/library/entry-list";
import { EntryPanel } from "@/components/library/entry-panel";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import type { Context } from "@/lib/domain/context";
import { getLibraryJob } from "@/lib/domain/library/get";
import { listLibrary } from "@/lib/domain/library/list";
import type { LibraryJob, LibraryVersion } from "@/lib/domain/library/types";
import { listLibraryVersions } from "@/lib/domain/library/versions";
import { may } from "@/lib/domain/permissions";
import { Refusal } from "@/lib/refusal";
import { libraryParams, loadLibraryParams } from "./search-params";

export const metadata: Metadata = { title: "Library" };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function LibraryPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/library`;
  const strange = strangeParams(given, libraryParams);
  if (strange.length > 0) return <StrangeAddress title="Library" {...{ path, given, strange }} />;
  const { entry, text } = await loadLibraryParams(given);
  const wanted = text?.trim().slice(0, 100) || undefined;
  const { items, nextCursor } = await listLibrary(ctx, { text: wanted, limit: 200 });
  const shown = entry ?? items[0]?.id;
  const found = shown ? await entryOf(ctx, shown) : null;
  const mayWrite = may(ctx, "workflow.write");
  return (
    <>
      <PageHeader
        title="Library"
        description="Jobs that workflows share. A workflow's job is a copy of one version; a new version changes nobody until it is taken over."
        actions={mayWrite ? <EntryDialog projectId={ctx.project.id} /> : null}
      />
      {items.length === 0 && !wanted ? (
        <EmptyState
          icon={<LibraryBig />}
          title="Nothing is shared yet"
          action={
            mayWrite ? (
              <Button asChild variant="outline">
                <Link href={`/p/${ctx.project.id}/workflows`}>Open a job of a workflow</Link>
              </Button>
            ) : null
          }
        >
          {mayWrite
            ? "Make an entry above, or open a job of a workflow and add it to the library."
            : "An entry is here as soon as an owner, admin or editor makes one of a job."}
        </EmptyState>
      ) : (
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]">
          <EntryList
            projectId={ctx.project.id}
            items={items}
            shown={found?.entry.id}
            text={wanted ?? ""}
            hasMore={nextCursor !== null}
          />
          {found ? (
            <EntryPanel
              key={`${found.entry.id}/${found.entry.version}`}
              projectId={ctx.project.id}
              entry={found.entry}
              versions={found.versions}
              mayWrite={mayWrite}
            />
          ) : (
            <EmptyState
              icon={<LibraryBig />}
              title={shown ? "This entry is not here" : "No entry matches"}
              action={
                <Button asChild variant="outline">
                  <Link href={`/p/${ctx.project.id}/library`}>Show all entries</Link>
                </Button>
              }
            >
              {shown ? "It was deleted, or the address is another project's." : "Search for less."}
            </EmptyState>
          )}
        </div>
      )}
    </>
  );
}

async function entryOf(
  ctx: Context,
  id: string,
): Promise<{ entry: LibraryJob; versions: LibraryVersion[] } | null> {
  if (!z.uuid().safeParse(id).success) return null;
  try {
    const [entry, versions] = await Promise.all([
      getLibraryJob(ctx, id),
      listLibraryVersions(ctx, { id, limit: 50 }),
    ]);
    return { entry, versions: versions.items };
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return null;
    throw error;
  }
}
