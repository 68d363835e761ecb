import { getDataclipBody } from "@/lib/domain/dataclip/body";
import { download } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Reads a stored state, with values of credentials hidden.",
    scope: "read",
    permission: "run.read",
    response: download("application/json"),
  },
  async ({ ctx, params }) =>
    new Response(await getDataclipBody(ctx, idParam.parse(params.id)), {
      headers: { "content-type": "application/json", "x-content-type-options": "nosniff" },
    }),
);
