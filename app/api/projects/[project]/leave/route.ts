import { leaveProject } from "@/lib/domain/member/remove";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute({ summary: "Leave the project.", permission: "project.read" }, ({ ctx }) =>
  leaveProject(ctx),
);
