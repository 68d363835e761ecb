import { pauseProject } from "@/lib/domain/project/pause";
import { pauseState } from "@/lib/domain/workflow/pause";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Keeps the runs of all workflows. Messages are accepted, and what runs may end.",
    scope: "run",
    permission: "project.pause",
    response: pauseState,
  },
  ({ ctx }) => pauseProject(ctx),
);
