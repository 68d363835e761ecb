import { getMyRule } from "@/lib/domain/notice/rules/list";
import { setMyRule } from "@/lib/domain/notice/rules/set";
import { noticeRule, ruleChange } from "@/lib/domain/notice/rules/types";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "What you hear of the project.",
    scope: "read",
    permission: "project.read",
    response: noticeRule,
  },
  ({ ctx }) => getMyRule(ctx),
);

export const PATCH = projectRoute(
  {
    summary: "Choose what you hear of the project: which workflows and ends, at once or in a digest.",
    scope: "write",
    permission: "notice_rule.own",
    body: ruleChange,
    response: noticeRule,
  },
  ({ ctx, body }) => setMyRule(ctx, body),
);
