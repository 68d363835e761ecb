import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { z } from "zod";
import { PayloadView } from "@/components/code/payload-view";
import { AcceptButton } from "@/components/refused/accept-button";
import { causeLabels, causeRemedies } from "@/components/refused/cause-words";
import { Badge } from "@/components/ui/badge";
import { formatBytes } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page-header";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { pageProject } from "@/lib/auth/context";
import { may } from "@/lib/domain/permissions";
import { getRefused } from "@/lib/domain/refused/get";
import { Refusal } from "@/lib/refusal";

export const metadata: Metadata = { title: "Refused request" };

type Props = { params: Promise<{ project: string; refusedId: string }> };

/** One refused request: why, and what was sent. */
export default async function RefusedRequestPage({ params }: Props) {
  const { project, refusedId: id } = await params;
  const ctx = await pageProject(project);
  if (!z.uuid().safeParse(id).success) notFound();
  const request = await getRefused(ctx, { id }).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const inbox = `/p/${ctx.project.id}/inbox`;
  const query = new URLSearchParams(
    Object.entries(request.query).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ).toString();
  return (
    <>
      <PageHeader
        title="Refused request"
        parent={<Link href={`${inbox}/refused`}>Refused requests</Link>}
        actions={
          may(ctx, "message.resend") ? <AcceptButton projectId={ctx.project.id} request={request} /> : null
        }
      />
      <div className="grid gap-4">
        <dl className="note-grid grid-cols-1 sm:grid-cols-2 sm:[&>:last-child:nth-child(odd)]:col-span-2">
          <Cell name="Why">
            <span className="flex flex-wrap items-center gap-2">
              <Badge>{causeLabels[request.cause]}</Badge> {request.why}
            </span>
          </Cell>
          <Cell name="What to do">{causeRemedies[request.cause]}</Cell>
          <Cell name="Received">
            <AbsoluteTime value={request.receivedAt} />
          </Cell>
          <Cell name="Sent to">
            {request.workflowName ??
              (request.triggerId ? "a trigger that is gone" : "the project's inbox URL")}
          </Cell>
          <Cell name="Answered">
            {request.status}, {formatBytes(request.size)} were sent
          </Cell>
          {request.messageId ? (
            <Cell name="Came first as">
              <MessageLink href={`${inbox}/${request.messageId}`} id={request.messageId} />
            </Cell>
          ) : null}
          {request.acceptedAt ? (
            <Cell name="Accepted">
              by {request.acceptedBy ?? "somebody"} at <AbsoluteTime value={request.acceptedAt} />:{" "}
              <MessageLink href={`${inbox}/${request.id}`} id={request.id} />
            </Cell>
          ) : null}
        </dl>
        <p className="rounded-md border bg-card px-3 py-2 font-mono text-[12.5px] [overflow-wrap:anywhere]">
          <span className="font-semibold">{request.method}</span> /{request.path.join("/")}
          {query ? `?${query}` : ""}
        </p>
        {request.body ? (
          <PayloadView
            label="Body"
            text={request.body.content}
            {...(request.body.truncated ? { notice: "Only the beginning is shown." } : {})}
          />
        ) : (
          <p className="text-muted-foreground">
            {request.acceptedAt || request.messageId
              ? "The body is with the message."
              : "The body was not kept."}
          </p>
        )}
        <h2 className="font-semibold text-[15px]">Headers</h2>
        <dl className="note-grid grid-cols-1 sm:grid-cols-2 sm:[&>:last-child:nth-child(odd)]:col-span-2">
          {Object.entries(request.headers).map(([name, value]) => (
            <Cell key={name} name={name}>
              <span className="font-mono text-[12.5px] [overflow-wrap:anywhere]">{value}</span>
            </Cell>
          ))}
        </dl>
      </div>
    </>
  );
}

function Cell({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="caption">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

const MessageLink = ({ href, id }: { href: string; id: string }) => (
  <Link href={href} className="font-mono text-[13px] text-accent underline">
    {id.slice(-8)}
  </Link>
);
