import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { z } from "zod";
import { loadInboxParams } from "@/app/(app)/p/[project]/inbox/search-params";
import { siteOrigin } from "@/app/(app)/p/[project]/origin";
import { compact } from "@/components/query";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { pageProject } from "@/lib/auth/context";
import { actorUserId } from "@/lib/domain/context";
import { messageFilter } from "@/lib/domain/message/filter";
import { getMessage } from "@/lib/domain/message/get";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { listTestsOfMessage } from "@/lib/domain/test-run/of-message";
import { Refusal } from "@/lib/refusal";
import { ReceiptClient } from "./client";
import { receiptParams } from "./search-params";

export const metadata: Metadata = { title: "Receipt" };

type Props = { params: Promise<{ project: string; messageId: string }>; searchParams: Promise<SearchParams> };

export default async function ReceiptPage({ params, searchParams }: Props) {
  const { project, messageId } = await params;
  const ctx = await pageProject(project);
  if (!z.uuid().safeParse(messageId).success) notFound();
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/inbox/${messageId}`;
  const strange = strangeParams(given, receiptParams, messageFilter);
  if (strange.length > 0) return <StrangeAddress title="Receipt" {...{ path, given, strange }} />;
  const filter = messageFilter.parse(compact(await loadInboxParams(given)));
  const mayTest = may(ctx, "run.start") && actorUserId(ctx.actor) !== null;
  const [initial, { inboxId }, origin, tests] = await Promise.all([
    getMessage(ctx, messageId, filter).catch(orNotFound),
    getProject(ctx),
    siteOrigin(),
    mayTest ? listTestsOfMessage(ctx, { messageId }).catch(orNotFound) : null,
  ]);
  return (
    <ReceiptClient
      key={messageId}
      initial={initial.format === "json" ? { ...initial, view: undefined } : initial}
      at={{ origin, inboxUrl: `${origin}/i/${inboxId}` }}
      may={{
        rerun: may(ctx, "run.rerun"),
        resend: may(ctx, "message.resend"),
        write: may(ctx, "workflow.write"),
      }}
      tests={tests}
    />
  );
}

function orNotFound(error: unknown): never {
  if (error instanceof Refusal && error.code === "not_found") notFound();
  throw error;
}
