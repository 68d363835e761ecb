import { acceptedInvitation, acceptInvitation, invitationAnswer } from "@/lib/domain/invitation/answer";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  { summary: "Accept an invitation.", scope: "write", body: invitationAnswer, response: acceptedInvitation },
  ({ ctx, body }) => acceptInvitation(ctx, body),
);
