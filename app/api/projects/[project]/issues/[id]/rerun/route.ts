import { bulkAct } from "@/lib/domain/bulk/schemas";
import { rerunIssue, rerunIssueInput } from "@/lib/domain/issue/rerun";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Starts a bulk act that reruns what an issue affects still: each newest failure, from its job on.",
    scope: "run",
    permission: "run.rerun",
    body: rerunIssueInput.omit({ id: true }),
    response: bulkAct,
    status: 201,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => rerunIssue(ctx, { ...body, id: idParam.parse(params.id) }),
);
