import { createProject } from "@/lib/domain/project/create";
import { listProjects, projectList } from "@/lib/domain/project/list";
import { createSampleProject } from "@/lib/domain/project/sample";
import { projectStart } from "@/lib/domain/project/schemas";
import { userRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = userRoute({ summary: "Your projects, by name.", query: projectList }, ({ ctx, query }) =>
  listProjects(ctx, query),
);

export const POST = userRoute(
  { summary: "Make a project, empty or from the sample.", body: projectStart, status: 201 },
  async ({ ctx, body: { from, ...project } }) => {
    if (from === "sample") return createSampleProject(ctx, project, { resolveAdaptor });
    return { project: await createProject(ctx, project), workflows: [], warnings: [] };
  },
);
