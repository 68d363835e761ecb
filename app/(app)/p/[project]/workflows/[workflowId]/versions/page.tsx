import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { DifferenceView } from "@/components/workflows/difference-view";
import { pageProject } from "@/lib/auth/context";
import type { Context } from "@/lib/domain/context";
import { may } from "@/lib/domain/permissions";
import { getWorkflowHead } from "@/lib/domain/workflow/deleted";
import { getWorkflowDifference, workflowDifferenceInput } from "@/lib/domain/workflow/difference";
import { listWorkflowVersions } from "@/lib/domain/workflow/versions";
import { Refusal } from "@/lib/refusal";
import { loadVersionParams, versionParams } from "./search-params";
import { VersionList } from "./version-list";

export const metadata: Metadata = { title: "Versions" };

type Props = {
  params: Promise<{ project: string; workflowId: string }>;
  searchParams: Promise<SearchParams>;
};

/** The versions of a workflow, of a deleted one too: who made each, what is different between two, and restoring one. */
export default async function VersionsPage({ params, searchParams }: Props) {
  const { project, workflowId } = await params;
  const ctx = await pageProject(project);
  const given = await searchParams;
  const place = `/p/${ctx.project.id}/workflows`;
  const path = `${place}/${workflowId}/versions`;
  const strange = strangeParams(given, versionParams, workflowDifferenceInput);
  if (strange.length > 0) return <StrangeAddress title="Versions" {...{ path, given, strange }} />;
  const { id, name, lockVersion, deletedAt } = await orNotFound(getWorkflowHead(ctx, { id: workflowId }));
  const { cursor, ...compared } = await loadVersionParams(given);
  const to = compared.to ?? lockVersion;
  const from = compared.from ?? Math.max(1, to - 1);
  const [versions, difference] = await Promise.all([
    listWorkflowVersions(ctx, { id, limit: 50, ...(cursor ? { cursor } : {}) }),
    differenceOf(ctx, { id, from, to }),
  ]);
  return (
    <>
      <PageHeader
        title="Versions"
        parent={
          <>
            <Link href={place}>Workflows</Link> /{" "}
            {deletedAt ? <span>{name}</span> : <Link href={`${place}/${id}`}>{name}</Link>}
          </>
        }
        description={
          deletedAt ? (
            <>
              {name} was deleted <RelativeTime value={deletedAt} />. Any version of it can be restored.
            </>
          ) : (
            "Every save makes one, and none is ever changed. A run keeps the version that it was made with."
          )
        }
      />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)]">
        <div className="grid min-w-0 gap-3">
          <VersionList
            projectId={ctx.project.id}
            workflow={{ id, name, lockVersion, isDeleted: deletedAt !== null }}
            versions={versions.items}
            from={from}
            to={to}
            mayWrite={may(ctx, "workflow.write")}
          />
          {versions.nextCursor ? (
            <Button asChild variant="outline" className="justify-self-start">
              <Link href={`${path}?cursor=${versions.nextCursor}&from=${from}&to=${to}`}>Older versions</Link>
            </Button>
          ) : null}
        </div>
        <section aria-labelledby="difference" className="grid min-w-0 gap-3 rounded-lg border bg-card p-4">
          <h2 id="difference" className="nums font-semibold text-[15px]">
            {from === to ? `Version ${to}` : `From version ${from} to version ${to}`}
          </h2>
          {from === to ? (
            <p className="text-muted-foreground">
              {lockVersion === 1 ? "There is one version so far." : "Choose two versions to compare."}
            </p>
          ) : difference ? (
            <DifferenceView difference={difference.difference} />
          ) : (
            <p className="text-muted-foreground">
              One of the two is not there: this workflow has versions 1 to {lockVersion}.
            </p>
          )}
        </section>
      </div>
    </>
  );
}

/** Null: a version that is not there. */
async function differenceOf(ctx: Context, asked: { id: string; from: number; to: number }) {
  try {
    return await getWorkflowDifference(ctx, asked);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return null;
    throw error;
  }
}

async function orNotFound<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
}
