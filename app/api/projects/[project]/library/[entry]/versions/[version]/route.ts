import { versionNumber } from "@/lib/domain/library/types";
import { getLibraryVersion, libraryCode } from "@/lib/domain/library/versions";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Shows one version of a library entry with its code, which never changes.",
    scope: "read",
    permission: "workflow.read",
    response: libraryCode,
  },
  ({ ctx, params }) =>
    getLibraryVersion(ctx, {
      id: idParam.parse(params.entry),
      version: versionNumber.parse(params.version),
    }),
);
