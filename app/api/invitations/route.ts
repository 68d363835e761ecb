import { listMyInvitations, myInvitationList } from "@/lib/domain/invitation/list";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  { summary: "Invitations that wait for your answer.", scope: "read", response: myInvitationList },
  async ({ ctx }) => ({
    items: await listMyInvitations(ctx),
  }),
);
