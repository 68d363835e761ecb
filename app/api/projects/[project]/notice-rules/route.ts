import { listMemberRules, memberRule } from "@/lib/domain/notice/rules/list";
import { pageInput, pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "What each collaborator hears of the project.",
    scope: "read",
    permission: "notice_rule.read",
    query: pageInput,
    response: pageOf(memberRule),
  },
  ({ ctx, query }) => listMemberRules(ctx, query),
);
