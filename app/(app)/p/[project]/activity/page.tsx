import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { compact } from "@/components/query";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { pageProject } from "@/lib/auth/context";
import { may } from "@/lib/domain/permissions";
import { listRuns, runFilter } from "@/lib/domain/run/list";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { Refusal } from "@/lib/refusal";
import { ActivityClient } from "./client";
import { activityParams, loadActivityParams } from "./search-params";

export const metadata: Metadata = { title: "Activity history" };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function ActivityPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/activity`;
  const strange = strangeParams(given, activityParams, runFilter);
  if (strange.length > 0) return <StrangeAddress title="Activity history" {...{ path, given, strange }} />;
  const asked = await loadActivityParams(given);
  const filter = runFilter.parse(compact(asked));
  const { workflow: id } = filter;
  const [initial, workflow] = await Promise.all([
    listRuns(ctx, filter),
    id ? getWorkflow(ctx, { id }).catch(unlessGone) : undefined,
  ]);
  return (
    <ActivityClient
      projectId={ctx.project.id}
      initial={initial}
      initialParams={asked}
      mayRelease={may(ctx, "run.rerun")}
      workflow={workflow && { value: workflow.id, label: workflow.name }}
    />
  );
}

/** A workflow that was deleted has runs, and no name to filter by. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof Refusal && error.code === "not_found")) throw error;
}
