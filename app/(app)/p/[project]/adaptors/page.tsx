import { Blocks } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import type { SearchParams } from "nuqs/server";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { getAdaptor } from "@/lib/domain/adaptor/get";
import { listAdaptors } from "@/lib/domain/adaptor/list";
import { adaptorUses } from "@/lib/domain/adaptor/usage";
import { may } from "@/lib/domain/permissions";
import { sharedRunner } from "@/lib/processes/runners";
import { Refusal } from "@/lib/refusal";
import { AdaptorList, AdaptorPanel, MarkedJobs } from "./client";
import { adaptorParams, loadAdaptorParams, operationText } from "./search-params";

export const metadata: Metadata = { title: "Adaptors" };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function AdaptorsPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/adaptors`;
  const strange = strangeParams(given, { ...adaptorParams, text: operationText });
  if (strange.length > 0) return <StrangeAddress title="Adaptors" {...{ path, given, strange }} />;
  const { name, version } = await loadAdaptorParams(given);
  const deps = { runner: sharedRunner() };
  const [{ items }, uses] = await Promise.all([listAdaptors(ctx, { limit: 200 }, deps), adaptorUses(ctx)]);
  const marked = uses.filter((use) => use.version === null);
  const used = items.find((item) => item.versions.some(({ jobs }) => jobs.length > 0));
  const shown = name ?? (used ?? items[0])?.name;
  const adaptor = shown
    ? await getAdaptor(ctx, { name: shown, version: version ?? undefined }, deps).catch(unlessMissing)
    : null;
  return (
    <>
      <PageHeader
        title="Adaptors"
        description="Libraries that jobs speak to other systems with. A job keeps its version until you upgrade it."
      />
      <MarkedJobs projectId={ctx.project.id} jobs={marked} />
      {items.length === 0 ? (
        <EmptyState
          icon={<Blocks />}
          title="No adaptor yet"
          action={
            <Button asChild variant="outline">
              <Link href={`/p/${ctx.project.id}/workflows`}>Workflows of the project</Link>
            </Button>
          }
        >
          An adaptor is here as soon as a job of this project uses it: it is chosen where the job is edited.
        </EmptyState>
      ) : (
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]">
          <AdaptorList projectId={ctx.project.id} items={items} shown={adaptor?.name} />
          {adaptor ? (
            <AdaptorPanel
              key={`${adaptor.name}@${adaptor.version}`}
              projectId={ctx.project.id}
              adaptor={adaptor}
              canUpgrade={may(ctx, "workflow.write")}
            />
          ) : (
            <EmptyState
              icon={<Blocks />}
              title="This adaptor is not here"
              action={
                <Button asChild variant="outline">
                  <Link href={`/p/${ctx.project.id}/adaptors`}>Show the list</Link>
                </Button>
              }
            >
              {marked.some((use) => use.name === shown)
                ? `Jobs name ${shown}, and it cannot be had. The list says where, and leads to where another one is chosen.`
                : `No job of this project uses ${shown}${version ? ` ${version}` : ""}, and it is not built.`}
            </EmptyState>
          )}
        </div>
      )}
    </>
  );
}

function unlessMissing(error: unknown): null {
  if (error instanceof Refusal && ["not_found", "invalid"].includes(error.code)) return null;
  if (error instanceof Error && error.name === "ZodError") return null;
  throw error;
}
