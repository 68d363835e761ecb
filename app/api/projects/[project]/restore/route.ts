import { restoreProject } from "@/lib/domain/project/restore";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Take a project's deletion back, within its seven days.",
    scope: "browser",
    permission: "project.delete",
    response: noContent,
  },
  ({ ctx }) => restoreProject(ctx),
);
