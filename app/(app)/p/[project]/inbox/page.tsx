import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { siteOrigin } from "@/app/(app)/p/[project]/origin";
import { exampleRequest } from "@/components/inbox/example-request";
import { compact } from "@/components/query";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { pageProject } from "@/lib/auth/context";
import { messageFilter } from "@/lib/domain/message/filter";
import { listMessages } from "@/lib/domain/message/list";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { listJobs } from "@/lib/domain/workflow/jobs";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { InboxClient } from "./client";
import { inboxParams, loadInboxParams } from "./search-params";

export const metadata: Metadata = { title: "Inbox" };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function InboxPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/inbox`;
  const strange = strangeParams(given, inboxParams, messageFilter);
  if (strange.length > 0) return <StrangeAddress title="Inbox" {...{ path, given, strange }} />;
  const asked = await loadInboxParams(given);
  const filter = messageFilter.parse(compact(asked));
  const [initial, project, found, origin] = await Promise.all([
    filter.text ? null : listMessages(ctx, filter),
    getProject(ctx),
    filter.job ? listJobs(ctx, { id: filter.job, limit: 1 }) : null,
    siteOrigin(),
  ]);
  const [job] = found?.items ?? [];
  const inboxUrl = `${origin}/i/${project.inboxId}`;
  return (
    <InboxClient
      projectId={ctx.project.id}
      initial={initial}
      initialParams={asked}
      inboxUrl={inboxUrl}
      origin={origin}
      isInboxEnabled={project.inboxEnabled}
      mayCreate={may(ctx, "message.create")}
      mayUpdate={may(ctx, "project.update")}
      mayAct={may(ctx, "run.rerun")}
      job={job && { value: job.id, label: job.name, group: job.workflowName }}
      example={exampleRequest({ origin, inboxUrl, trigger: await firstTrigger() })}
    />
  );

  /** The trigger that an example should call: one that filters messages, else a webhook. */
  async function firstTrigger() {
    if (!initial || initial.items.length > 0) return undefined;
    const { items } = await listWorkflows(ctx, { limit: 200 });
    const types = ["message_filter", "webhook"] as const;
    for (const type of types) {
      const row = items.find((workflow) => workflow.triggers.some((t) => t.type === type && t.enabled));
      if (!row) continue;
      const { graph } = await getWorkflow(ctx, { id: row.id });
      return graph.triggers.find((trigger) => trigger.type === type && trigger.enabled);
    }
    return undefined;
  }
}
