import { z } from "zod";
import type { BulkAct } from "@/lib/domain/bulk/schemas";
import { startBulkInput } from "@/lib/domain/bulk/schemas";
import { startBulk } from "@/lib/domain/bulk/start";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { conflict } from "@/lib/refusal";
import { getIssue } from "./get";

export const rerunIssueInput = z.strictObject({
  id: z.uuid(),
  from: z
    .enum(["job", "start"])
    .default("job")
    .meta({ description: "The job that failed, on the input that it had; or where the run began." }),
  version: startBulkInput.shape.version,
  ratePerMinute: startBulkInput.shape.ratePerMinute,
});

/** Starts a bulk act that reruns what an issue affects still. Throws as `startBulk`, and `conflict` when that is nothing. */
export async function rerunIssue(ctx: Context, input: z.input<typeof rerunIssueInput>): Promise<BulkAct> {
  requirePermission(ctx, "run.rerun");
  const { id, from, version, ratePerMinute } = rerunIssueInput.parse(input);
  const { jobId, jobName, affected } = await getIssue(ctx, id);
  if (affected === 0)
    throw conflict("Everything that this issue affected has succeeded since, or is no longer kept.");
  const ofJob = jobId && from === "job" ? { jobId } : {};
  return startBulk(ctx, {
    name: `Rerun affected: ${jobName ?? "runs without a job"}`.slice(0, 100),
    kind: "rerun",
    of: { target: "issue", issueId: id },
    ...ofJob,
    version,
    ratePerMinute,
  });
}
