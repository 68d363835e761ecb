import { getStepOutput } from "@/lib/domain/run/payloads";
import { download } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";
import { notFound } from "@/lib/refusal";

export const GET = projectRoute(
  {
    summary: "Reads the state that a step handed on.",
    scope: "read",
    permission: "run.read",
    response: download("application/json"),
  },
  async ({ ctx, params }) => {
    const state = await getStepOutput(ctx, idParam.parse(params.id));
    if (state === null) throw notFound("The step's output");
    return new Response(state, {
      headers: { "content-type": "application/json", "x-content-type-options": "nosniff" },
    });
  },
);
