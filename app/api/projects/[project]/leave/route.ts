import { leaveProject } from "@/lib/domain/member/remove";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  { summary: "Leave the project.", scope: "write", permission: "project.read", response: noContent },
  ({ ctx }) => leaveProject(ctx),
);
