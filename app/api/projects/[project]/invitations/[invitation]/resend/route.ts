import { sentInvitation } from "@/lib/domain/invitation/deliver";
import { resendInvitation } from "@/lib/domain/invitation/resend";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Send an invitation again, with a new link.",
    scope: "write",
    permission: "member.manage",
    response: sentInvitation,
  },
  ({ ctx, params }) => resendInvitation(ctx, { invitationId: params.invitation ?? "" }),
);
