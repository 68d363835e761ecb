import { sendNoticeAgain } from "@/lib/domain/notice/send-again";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Send a notice again that could not be sent, or may not have arrived.",
    scope: "write",
    permission: "notice.send_again",
    response: noContent,
  },
  ({ ctx, params }) => sendNoticeAgain(ctx, { noticeId: params.notice ?? "" }),
);
