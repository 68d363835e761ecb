import { messageFilter } from "@/lib/domain/message/filter";
import { getMessage } from "@/lib/domain/message/get";
import { messageDetail } from "@/lib/domain/message/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Shows one message and everything that happened to it. The filter decides its neighbours.",
    scope: "read",
    permission: "message.read",
    query: messageFilter,
    isExact: true,
    response: messageDetail,
  },
  ({ ctx, params, query }) => getMessage(ctx, idParam.parse(params.id), query),
);
