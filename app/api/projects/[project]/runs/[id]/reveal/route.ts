import { reveal, revealed, revealInput } from "@/lib/domain/mask/reveal";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Shows the caller a run unmasked for fifteen minutes, with its message or the other runs of its work order. The reason is written down.",
    scope: "browser",
    permission: "run.read",
    body: revealInput,
    response: revealed,
    status: 201,
  },
  ({ ctx, params, body }) => reveal(ctx, { runId: idParam.parse(params.id), ...body }),
);
