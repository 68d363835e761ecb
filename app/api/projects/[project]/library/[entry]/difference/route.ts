import {
  getLibraryDifference,
  libraryDifference,
  libraryDifferenceInput,
} from "@/lib/domain/library/versions";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Says what tells two versions of a library entry apart. Without `to`: its newest; without `from`: the one before.",
    scope: "read",
    permission: "workflow.read",
    query: libraryDifferenceInput.omit({ id: true }),
    response: libraryDifference,
  },
  ({ ctx, params, query }) => getLibraryDifference(ctx, { ...query, id: idParam.parse(params.entry) }),
);
