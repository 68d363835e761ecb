import { eventType } from "inngest";
import { z } from "zod";

/** Every event of the product. Ids only, never payloads. A later field is optional: older events may be in flight. */

/** A run is committed and waits. The event id is the run id, so sending twice is harmless. */
export const runRequested = eventType("run/requested", {
  schema: z.object({
    runId: z.string(),
    projectId: z.string(),
    workflowId: z.string(),
    priority: z.number(),
    /** What it queues in, one at a time; see lanes.ts. Absent in events of before there were lanes. */
    lane: z.string().optional(),
  }),
});

/** A person cancelled a run. */
export const runCancelled = eventType("run/cancelled", { schema: z.object({ runId: z.string() }) });
