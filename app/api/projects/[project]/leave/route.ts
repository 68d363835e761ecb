import { leaveProject } from "@/lib/domain/member/remove";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  { summary: "Leave the project.", permission: "project.read", response: noContent },
  ({ ctx }) => leaveProject(ctx),
);
