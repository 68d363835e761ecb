import { countWaiting, waitingCounts, waitingInput } from "@/lib/domain/run/waiting";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "How many runs are unfinished, by what they wait for; of one workflow or of the project.",
    scope: "read",
    permission: "run.read",
    query: waitingInput,
    response: waitingCounts,
  },
  ({ ctx, query }) => countWaiting(ctx, query),
);
