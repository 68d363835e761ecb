import { addLibraryVersion, newLibraryVersion, newVersionInput } from "@/lib/domain/library/new-version";
import { libraryVersion } from "@/lib/domain/library/types";
import { listLibraryVersions, listLibraryVersionsInput } from "@/lib/domain/library/versions";
import { pageOf } from "@/lib/domain/page";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  {
    summary: "Lists a library entry's versions without their code, newest first.",
    scope: "read",
    permission: "workflow.read",
    query: listLibraryVersionsInput.omit({ id: true }),
    response: pageOf(libraryVersion),
  },
  ({ ctx, params, query }) => listLibraryVersions(ctx, { ...query, id: idParam.parse(params.entry) }),
);

export const POST = projectRoute(
  {
    summary:
      "Adds a version to a library entry. `version` is the one that the change started from; `workflows` take it over at once.",
    scope: "deploy",
    permission: "workflow.write",
    body: newVersionInput.omit({ id: true }),
    isLarge: true,
    response: newLibraryVersion,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params, body }) =>
    addLibraryVersion(ctx, { ...body, id: idParam.parse(params.entry) }, { resolveAdaptor }),
);
