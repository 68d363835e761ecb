import { pageOf } from "@/lib/domain/page";
import { createProject } from "@/lib/domain/project/create";
import { importedProject } from "@/lib/domain/project/import";
import { listProjects, projectList, projectSummary } from "@/lib/domain/project/list";
import { createSampleProject } from "@/lib/domain/project/sample";
import { projectStart } from "@/lib/domain/project/schemas";
import { userRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = userRoute(
  { summary: "Your projects, by name.", scope: "read", query: projectList, response: pageOf(projectSummary) },
  ({ ctx, query }) => listProjects(ctx, query),
);

export const POST = userRoute(
  {
    summary: "Make a project, empty or from the sample.",
    scope: "write",
    body: projectStart,
    response: importedProject,
    status: 201,
    errors: ["conflict"],
  },
  async ({ ctx, body: { from, ...project } }) => {
    if (from === "sample") return createSampleProject(ctx, project, { resolveAdaptor });
    return { project: await createProject(ctx, project), workflows: [], warnings: [] };
  },
);
