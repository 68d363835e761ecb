import { callersContexts } from "@/lib/auth/context";
import { numberedInput } from "@/lib/domain/numbered/page";
import { pageOf } from "@/lib/domain/page";
import { createProject } from "@/lib/domain/project/create";
import { importedProject } from "@/lib/domain/project/import";
import { listProjects, projectList, projectSummary } from "@/lib/domain/project/list";
import { listNumberedProjects } from "@/lib/domain/project/openfn/numbered";
import { createSampleProject } from "@/lib/domain/project/sample";
import { projectStart } from "@/lib/domain/project/schemas";
import { beside, isOpenfns } from "@/lib/http/beside";
import { projectList as openfnProjects, projectsAnswer } from "@/lib/http/openfn-resources";
import { callerRoute, userRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = callerRoute(
  {
    summary:
      "Your projects, by name; of a token that is bound to some, those, and of a repository's, its own. An API token gets OpenFn's page of them, too.",
    scope: "read",
    query: projectList.extend(numberedInput.partial().shape),
    response: beside(pageOf(projectSummary), openfnProjects),
  },
  async ({ ctx, query: { page, page_size, ...query }, request }) => {
    const ours = await listProjects(ctx, query);
    if (!isOpenfns({ ctx, request }, numberedInput)) return ours;
    const theirs = await listNumberedProjects(await callersContexts(ctx), { page, page_size });
    return { ...ours, ...projectsAnswer(request, theirs) };
  },
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
