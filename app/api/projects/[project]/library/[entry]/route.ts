import { deleteLibraryJob } from "@/lib/domain/library/delete";
import { getLibraryJob } from "@/lib/domain/library/get";
import { libraryJob } from "@/lib/domain/library/types";
import { updatedLibraryJob, updateLibraryJob, updateLibraryJobInput } from "@/lib/domain/library/update";
import { noContent } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Shows a library entry: its newest code, and every job that is of it with its version.",
    scope: "read",
    permission: "workflow.read",
    response: libraryJob,
  },
  ({ ctx, params }) => getLibraryJob(ctx, idParam.parse(params.entry)),
);

export const PATCH = projectRoute(
  {
    summary: "Renames or describes a library entry. Its code changes by new versions alone.",
    scope: "deploy",
    permission: "workflow.write",
    body: updateLibraryJobInput.omit({ id: true }),
    response: updatedLibraryJob,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => updateLibraryJob(ctx, { ...body, id: idParam.parse(params.entry) }),
);

export const DELETE = projectRoute(
  {
    summary: "Deletes a library entry that no job is of.",
    scope: "deploy",
    permission: "workflow.write",
    response: noContent,
    errors: ["conflict"],
  },
  ({ ctx, params }) => deleteLibraryJob(ctx, idParam.parse(params.entry)),
);
