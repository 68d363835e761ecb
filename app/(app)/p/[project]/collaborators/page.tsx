import type { Metadata } from "next";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { actorUserId } from "@/lib/domain/context";
import { listInvitations } from "@/lib/domain/invitation/list";
import { listMembers } from "@/lib/domain/member/list";
import { may } from "@/lib/domain/permissions";
import { InvitationsSection } from "./invitations-section";
import { InviteDialog } from "./invite-dialog";
import { MembersSection } from "./members-section";
import { RolesSection } from "./roles-section";

export const metadata: Metadata = { title: "Collaborators" };

type Props = { params: Promise<{ project: string }> };

export default async function CollaboratorsPage({ params }: Props) {
  const ctx = await pageProject((await params).project);
  const [members, invitations] = await Promise.all([
    listMembers(ctx, { limit: 200 }),
    listInvitations(ctx, { limit: 200 }),
  ]);
  const canManage = may(ctx, "member.manage");
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title="Collaborators"
        description="Who can see and change this project."
        actions={canManage ? <InviteDialog projectId={ctx.project.id} /> : null}
      />
      <div className="grid gap-6">
        <MembersSection
          project={ctx.project}
          members={members.items}
          myId={actorUserId(ctx.actor) ?? ""}
          canManage={canManage}
          canTransfer={may(ctx, "project.transfer")}
        />
        {invitations.items.length > 0 ? (
          <InvitationsSection
            projectId={ctx.project.id}
            invitations={invitations.items}
            canManage={canManage}
          />
        ) : null}
        <RolesSection />
      </div>
    </div>
  );
}
