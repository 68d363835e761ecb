import { dryRunInput, dryRunStep } from "@/lib/domain/run/dry-run";
import { dryRun } from "@/lib/domain/run/types";
import { env } from "@/lib/env";
import { projectRoute } from "@/lib/http/route";
import { runner } from "@/lib/processes/host";

export const POST = projectRoute(
  {
    summary:
      "Runs a job on a stored input with its requests recorded instead of sent. Only the audit event is stored.",
    scope: "run",
    permission: "run.rerun",
    body: dryRunInput,
    isLarge: true,
    response: dryRun,
    errors: ["conflict"],
  },
  ({ ctx, body, request }) =>
    dryRunStep(ctx, body, { runner: runner(), memoryMb: env().STEP_MEMORY_MB, signal: request.signal }),
);
