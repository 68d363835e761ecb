import { listMyInvitations } from "@/lib/domain/invitation/list";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute({ summary: "Invitations that wait for your answer." }, async ({ ctx }) => ({
  items: await listMyInvitations(ctx),
}));
