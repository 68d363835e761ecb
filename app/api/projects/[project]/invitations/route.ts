import { createInvitation, newInvitation } from "@/lib/domain/invitation/create";
import { sentInvitation } from "@/lib/domain/invitation/deliver";
import { invitationSummary, listInvitations } from "@/lib/domain/invitation/list";
import { pageInput, pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Invitations that nobody answered yet.",
    scope: "read",
    permission: "project.read",
    query: pageInput,
    response: pageOf(invitationSummary),
  },
  ({ ctx, query }) => listInvitations(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Invite somebody by e-mail.",
    scope: "write",
    sensitive: [{ act: "invitation.admin", when: ({ role }) => role === "admin" }],
    permission: "member.manage",
    body: newInvitation,
    response: sentInvitation,
    status: 201,
    errors: ["conflict"],
  },
  ({ ctx, body }) => createInvitation(ctx, body),
);
