import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { z } from "zod";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { pageProject } from "@/lib/auth/context";
import { may } from "@/lib/domain/permissions";
import { getRun } from "@/lib/domain/run/get";
import { withoutFilterData } from "@/lib/domain/workflow/load-graph";
import { Refusal } from "@/lib/refusal";
import { RunClient } from "./client";
import { runParams } from "./search-params";

export const metadata: Metadata = { title: "Run" };

type Props = { params: Promise<{ project: string; runId: string }>; searchParams: Promise<SearchParams> };

export default async function RunPage({ params, searchParams }: Props) {
  const { project, runId } = await params;
  const ctx = await pageProject(project);
  if (!z.uuid().safeParse(runId).success) notFound();
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/runs/${runId}`;
  const strange = strangeParams(given, runParams);
  if (strange.length > 0) return <StrangeAddress title="Run" {...{ path, given, strange }} />;
  const initial = await getRun(ctx, runId).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  return (
    <RunClient
      key={runId}
      initial={{
        ...initial,
        snapshot: { ...initial.snapshot, graph: withoutFilterData(initial.snapshot.graph) },
      }}
      may={{
        rerun: may(ctx, "run.rerun"),
        cancel: may(ctx, "run.cancel"),
        write: may(ctx, "workflow.write"),
      }}
    />
  );
}
