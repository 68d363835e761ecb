import { importedProject, importProject, importProjectInput } from "@/lib/domain/project/import";
import { userRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const POST = userRoute(
  {
    summary: "Makes a project from a project.yaml and the files that its job bodies name.",
    scope: "deploy",
    body: importProjectInput,
    isLarge: true,
    response: importedProject,
    errors: ["conflict"],
    status: 201,
    work: "bulk",
  },
  ({ ctx, body }) => importProject(ctx, body, { resolveAdaptor }),
);
