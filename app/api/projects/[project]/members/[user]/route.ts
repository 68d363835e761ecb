import { changeRole, roleChange } from "@/lib/domain/member/change-role";
import { removeMember } from "@/lib/domain/member/remove";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const PATCH = projectRoute(
  {
    summary: "Give a collaborator another role.",
    scope: "write",
    sensitive: [{ act: "member.make_admin", when: ({ role }) => role === "admin" }],
    permission: "member.manage",
    body: roleChange.omit({ userId: true }),
    response: noContent,
  },
  ({ ctx, params, body }) => changeRole(ctx, { ...body, userId: params.user ?? "" }),
);

export const DELETE = projectRoute(
  {
    summary: "Take a collaborator out of the project.",
    scope: "write",
    permission: "member.manage",
    response: noContent,
  },
  ({ ctx, params }) => removeMember(ctx, { userId: params.user ?? "" }),
);
