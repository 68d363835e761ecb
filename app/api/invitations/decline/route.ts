import { declineInvitation, invitationAnswer } from "@/lib/domain/invitation/answer";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  { summary: "Decline an invitation.", scope: "write", body: invitationAnswer, response: noContent },
  ({ ctx, body }) => declineInvitation(ctx, body),
);
