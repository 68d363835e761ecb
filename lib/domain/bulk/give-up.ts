import { and, eq } from "drizzle-orm";
import { bulkActs } from "@/db/schema";
import { write } from "@/lib/domain/write";
import type { BulkHost } from "./batch";

/** Pauses an act that could not go on through every repetition: it says so, and a person decides. */
export const giveUpBulk = (
  { db, announce }: BulkHost,
  { actId, projectId }: { actId: string; projectId: string },
): Promise<void> =>
  write(
    { db, announce, actor: { type: "system", label: "bulk act" }, project: { id: projectId } },
    "own",
    async (tx) => {
      const paused = await tx
        .update(bulkActs)
        .set({
          state: "paused",
          waitsFor: null,
          problem:
            "Waybill could not go on with it, also when it tried again. What was done is done; resume it to go on.",
        })
        .where(and(eq(bulkActs.id, actId), eq(bulkActs.projectId, projectId), eq(bulkActs.state, "running")))
        .returning({ id: bulkActs.id });
      return {
        result: undefined,
        audit: paused.length > 0 ? { event: "bulk.pause", itemId: actId, after: { problem: true } } : null,
        changed: null,
      };
    },
  );
