import { getRefused } from "@/lib/domain/refused/get";
import { refusedDetail } from "@/lib/domain/refused/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "A refused request with its headers and body.",
    scope: "read",
    permission: "message.read",
    response: refusedDetail,
  },
  ({ ctx, params }) => getRefused(ctx, { id: idParam.parse(params.id) }),
);
