import { changeRole, roleChange } from "@/lib/domain/member/change-role";
import { removeMember } from "@/lib/domain/member/remove";
import { projectRoute } from "@/lib/http/route";

export const PATCH = projectRoute(
  {
    summary: "Give a collaborator another role.",
    permission: "member.manage",
    body: roleChange.omit({ userId: true }),
  },
  ({ ctx, params, body }) => changeRole(ctx, { ...body, userId: params.user ?? "" }),
);

export const DELETE = projectRoute(
  { summary: "Take a collaborator out of the project.", permission: "member.manage" },
  ({ ctx, params }) => removeMember(ctx, { userId: params.user ?? "" }),
);
