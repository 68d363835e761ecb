import type { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { bringBackFor } from "./bring-back";
import { createRun } from "./create";
import { planRejected, releaseInput } from "./rerun-plan";
import type { startedRuns } from "./types";

/**
 * Releases a work order that the project's plan has kept from running: its first run is queued. Throws `conflict` when it is
 * not rejected any more or its workflow was deleted, `limit` when the plan still has no run left.
 */
export async function releaseWorkOrder(
  ctx: Context,
  input: z.input<typeof releaseInput>,
): Promise<z.infer<typeof startedRuns>> {
  const asked = releaseInput.parse(input);
  await bringBackFor(ctx, "run.rerun", [asked.workOrderId]);
  return write(ctx, "run.rerun", async (tx) => {
    const runId = await createRun(ctx, tx, await planRejected(ctx, tx, asked));
    return {
      result: { runIds: [runId] },
      audit: {
        event: "work_order.release",
        itemId: asked.workOrderId,
        after: { runId, version: asked.version },
      },
      changed: null,
    };
  });
}
