import { revokeInvitation } from "@/lib/domain/invitation/revoke";
import { projectRoute } from "@/lib/http/route";

export const DELETE = projectRoute(
  { summary: "Withdraw an invitation.", permission: "member.manage" },
  ({ ctx, params }) => revokeInvitation(ctx, { invitationId: params.invitation ?? "" }),
);
