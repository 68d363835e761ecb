import { deleteProject, projectDeletion, scheduledDeletion } from "@/lib/domain/project/delete";
import { getProject, projectDetail } from "@/lib/domain/project/get";
import { projectUpdate, savedProject, updateProject } from "@/lib/domain/project/update";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  { summary: "A project's settings.", scope: "read", permission: "project.read", response: projectDetail },
  ({ ctx }) => getProject(ctx),
);

export const PATCH = projectRoute(
  {
    summary: "Change a project's settings.",
    scope: "write",
    permission: "project.update",
    sensitive: [
      { act: "project.second_factor", when: ({ requireSecondFactor }) => requireSecondFactor !== undefined },
    ],
    body: projectUpdate,
    response: savedProject,
    errors: ["conflict"],
  },
  ({ ctx, body }) => updateProject(ctx, body),
);

export const DELETE = projectRoute(
  {
    scope: "browser",
    summary: "Delete a project and all that it holds, seven days from now. Until then it can be restored.",
    sensitive: ["project.delete"],
    permission: "project.delete",
    body: projectDeletion,
    response: scheduledDeletion,
  },
  ({ ctx, body }) => deleteProject(ctx, body),
);
