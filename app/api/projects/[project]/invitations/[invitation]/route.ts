import { revokeInvitation } from "@/lib/domain/invitation/revoke";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const DELETE = projectRoute(
  { summary: "Withdraw an invitation.", scope: "write", permission: "member.manage", response: noContent },
  ({ ctx, params }) => revokeInvitation(ctx, { invitationId: params.invitation ?? "" }),
);
