import { listNotices, noticeFilter, noticeItem } from "@/lib/domain/notice/list";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "What was sent, waits or could not be: to all for owner and admins, to oneself for the others.",
    scope: "read",
    permission: "notice.read",
    query: noticeFilter,
    response: pageOf(noticeItem),
  },
  ({ ctx, query }) => listNotices(ctx, query),
);
