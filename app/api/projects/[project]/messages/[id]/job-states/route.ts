import { listJobStates, listJobStatesInput } from "@/lib/domain/message/job-states";
import { jobState } from "@/lib/domain/message/types";
import { pageOf } from "@/lib/domain/page";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists how every job stands for one message.",
    scope: "read",
    permission: "message.read",
    query: listJobStatesInput,
    response: pageOf(jobState),
  },
  ({ ctx, params, query }) => listJobStates(ctx, idParam.parse(params.id), query),
);
