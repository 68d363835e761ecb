import { getStepInput, whyNoPayload } from "@/lib/domain/run/payloads";
import { download } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Reads the state that a step began with.",
    scope: "read",
    permission: "run.read",
    response: download("application/json"),
  },
  async ({ ctx, params }) => {
    const id = idParam.parse(params.id);
    const state = await getStepInput(ctx, id);
    if (state === null) throw await whyNoPayload(ctx, id, "input");
    return new Response(state, {
      headers: { "content-type": "application/json", "x-content-type-options": "nosniff" },
    });
  },
);
