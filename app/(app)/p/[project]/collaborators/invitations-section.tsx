"use client";
import { SecretOnce } from "@/components/account/secret-once";
import { Row, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { RelativeTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { InvitationSummary } from "@/lib/domain/invitation/list";

type Props = { projectId: string; invitations: InvitationSummary[]; canManage: boolean };

export function InvitationsSection({ projectId, invitations, canManage }: Props) {
  return (
    <Section title="Waiting for an answer" flush>
      <ul>
        {invitations.map((invitation) => (
          <Invitation
            key={invitation.id}
            projectId={projectId}
            invitation={invitation}
            canManage={canManage}
          />
        ))}
      </ul>
    </Section>
  );
}

type InvitationProps = { projectId: string; invitation: InvitationSummary; canManage: boolean };

function Invitation({ projectId, invitation, canManage }: InvitationProps) {
  const params = { project: projectId, invitation: invitation.id };
  const resend = useApi({
    send: () => api("POST /api/projects/[project]/invitations/[invitation]/resend", { params }),
    message: (sent) =>
      sent.delivery === "failed" ? "The mail was refused." : "Invited again, with a new link.",
  });
  const withdraw = useApi({
    send: () => api("DELETE /api/projects/[project]/invitations/[invitation]", { params }),
    message: "The invitation is withdrawn.",
  });
  return (
    <Row
      actions={
        canManage ? (
          <>
            <Confirm
              trigger={
                <Button variant="outline" size="sm" disabled={resend.isPending}>
                  Send again
                </Button>
              }
              title={`Invite ${invitation.email} again?`}
              description="They get a new link, by mail where this installation sends any. The old link stops working."
              action="Send again"
              cancel="Do not send"
              onConfirm={() => resend.mutate(undefined)}
            />
            <Confirm
              trigger={
                <Button variant="outline" size="sm">
                  Withdraw
                </Button>
              }
              title={`Withdraw the invitation of ${invitation.email}?`}
              description="Its link stops working."
              action="Withdraw"
              destructive
              onConfirm={() => withdraw.mutate(undefined)}
            />
          </>
        ) : null
      }
    >
      <span className="flex flex-wrap items-center gap-2 font-medium">
        <span className="min-w-0 truncate">{invitation.email}</span>
        <Badge>{invitation.role}</Badge>
        {invitation.isExpired ? <Badge>expired</Badge> : null}
      </span>
      <span className="text-muted-foreground text-xs">
        invited <RelativeTime value={invitation.createdAt} />, until {invitation.expiresAt.slice(0, 10)}
      </span>
      {resend.data?.link ? (
        <div className="mt-2 max-w-md">
          <SecretOnce label="New invitation link" value={resend.data.link} />
        </div>
      ) : null}
    </Row>
  );
}
