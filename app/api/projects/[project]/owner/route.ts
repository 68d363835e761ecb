import { ownershipTransfer, transferProject } from "@/lib/domain/member/transfer";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const PUT = projectRoute(
  {
    summary: "Hand the project over to another collaborator.",
    scope: "browser",
    sensitive: ["project.transfer"],
    permission: "project.transfer",
    body: ownershipTransfer,
    response: noContent,
  },
  ({ ctx, body }) => transferProject(ctx, body),
);
