import { declineInvitation, invitationAnswer } from "@/lib/domain/invitation/answer";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  { summary: "Decline an invitation.", body: invitationAnswer },
  ({ ctx, body }) => declineInvitation(ctx, body),
);
