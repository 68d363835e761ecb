import { takenOver, takeOverInput, takeOverVersion } from "@/lib/domain/library/take-over";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Gives chosen workflows, or all that use a library entry, one of its versions: all or none, a new version of each.",
    scope: "deploy",
    permission: "workflow.write",
    body: takeOverInput.omit({ id: true }),
    response: takenOver,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => takeOverVersion(ctx, { ...body, id: idParam.parse(params.entry) }),
);
