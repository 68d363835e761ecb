import { resendInvitation } from "@/lib/domain/invitation/resend";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  { summary: "Send an invitation again, with a new link.", permission: "member.manage" },
  ({ ctx, params }) => resendInvitation(ctx, { invitationId: params.invitation ?? "" }),
);
