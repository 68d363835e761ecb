import { deleteProject, projectDeletion } from "@/lib/domain/project/delete";
import { getProject, projectDetail } from "@/lib/domain/project/get";
import { projectUpdate, savedProject, updateProject } from "@/lib/domain/project/update";
import { noContent } from "@/lib/http/declaration";
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
    body: projectUpdate,
    response: savedProject,
    errors: ["conflict"],
  },
  ({ ctx, body }) => updateProject(ctx, body),
);

export const DELETE = projectRoute(
  {
    summary: "Delete a project and all that it holds.",
    scope: "browser",
    permission: "project.delete",
    body: projectDeletion,
    response: noContent,
  },
  ({ ctx, body }) => deleteProject(ctx, body),
);
