import type { Metadata } from "next";
import { redirect } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { compact } from "@/components/query";
import { pageProject } from "@/lib/auth/context";
import { listRuns, runFilter } from "@/lib/domain/run/list";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { ActivityClient } from "./client";
import { loadActivityParams } from "./search-params";

export const metadata: Metadata = { title: "Activity history" };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function ActivityPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const asked = await loadActivityParams(searchParams);
  const filter = runFilter.safeParse(compact(asked));
  if (!filter.success) redirect(`/p/${ctx.project.id}/activity`);
  const [initial, workflows] = await Promise.all([
    listRuns(ctx, filter.data),
    listWorkflows(ctx, { limit: 200 }),
  ]);
  return (
    <ActivityClient
      projectId={ctx.project.id}
      initial={initial}
      initialParams={asked}
      workflows={workflows.items.map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
