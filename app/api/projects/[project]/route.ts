import { deleteProject, projectDeletion } from "@/lib/domain/project/delete";
import { getProject } from "@/lib/domain/project/get";
import { projectUpdate, updateProject } from "@/lib/domain/project/update";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute({ summary: "A project's settings.", permission: "project.read" }, ({ ctx }) =>
  getProject(ctx),
);

export const PATCH = projectRoute(
  { summary: "Change a project's settings.", permission: "project.update", body: projectUpdate },
  ({ ctx, body }) => updateProject(ctx, body),
);

export const DELETE = projectRoute(
  { summary: "Delete a project and all that it holds.", permission: "project.delete", body: projectDeletion },
  ({ ctx, body }) => deleteProject(ctx, body),
);
