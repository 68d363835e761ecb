import { resumeProject } from "@/lib/domain/project/pause";
import { pauseState } from "@/lib/domain/workflow/pause";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Lets the project's runs start again, in the order in which they came.",
    scope: "run",
    permission: "project.pause",
    response: pauseState,
  },
  ({ ctx }) => resumeProject(ctx),
);
