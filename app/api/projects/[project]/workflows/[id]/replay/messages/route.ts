import {
  listReplayMessages,
  replayMessages,
  replayMessagesInput,
} from "@/lib/domain/test-run/replay-messages";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the last messages that a workflow took, newest first: what a draft can be replayed on.",
    scope: "run",
    permission: "run.start",
    query: replayMessagesInput.omit({ workflowId: true }),
    response: replayMessages,
  },
  ({ ctx, params, query }) => listReplayMessages(ctx, { ...query, workflowId: idParam.parse(params.id) }),
);
