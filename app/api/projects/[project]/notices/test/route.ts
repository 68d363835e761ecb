import { tried, tryMail } from "@/lib/domain/notice/try";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Mail a test to yourself.",
    scope: "write",
    permission: "notice.read",
    response: tried,
    status: 202,
  },
  ({ ctx }) => tryMail(ctx),
);
