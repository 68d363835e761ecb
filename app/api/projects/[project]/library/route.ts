import { createdLibraryJob, createLibraryJob, createLibraryJobInput } from "@/lib/domain/library/create";
import { listLibrary, listLibraryInput } from "@/lib/domain/library/list";
import { libraryRow } from "@/lib/domain/library/types";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  {
    summary: "Lists the jobs of the project's library by name, and how many jobs of workflows are of each.",
    scope: "read",
    permission: "workflow.read",
    query: listLibraryInput,
    response: pageOf(libraryRow),
  },
  ({ ctx, query }) => listLibrary(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Makes a library entry from code, or from a job of a workflow, which is of it from then on.",
    scope: "deploy",
    permission: "workflow.write",
    body: createLibraryJobInput,
    isLarge: true,
    response: createdLibraryJob,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, body }) => createLibraryJob(ctx, body, { resolveAdaptor }),
);
