import { replayDraft, replayInput } from "@/lib/domain/test-run/replay";
import { replayed } from "@/lib/domain/test-run/types";
import { env } from "@/lib/env";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor, runner } from "@/lib/processes/host";

export const POST = projectRoute(
  {
    summary:
      "Runs the saved version and your draft on messages, requests recorded, and says what differs. Only the audit event is stored.",
    scope: "run",
    permission: "run.start",
    body: replayInput,
    response: replayed,
    errors: ["conflict", "unavailable"],
  },
  ({ ctx, params, body, request }) =>
    replayDraft(
      ctx,
      { ...body, workflowId: idParam.parse(params.id) },
      { runner, resolveAdaptor, memoryMb: env().STEP_MEMORY_MB, signal: request.signal },
    ),
);
