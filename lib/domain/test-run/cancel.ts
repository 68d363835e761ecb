import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { personOf } from "@/lib/domain/draft/owner";
import { clientUuid } from "@/lib/domain/workflow/schemas";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { type TestState, testStates } from "@/lib/words";

/** Names a test: everybody sees their own. */
export const testPlace = z.strictObject({ workflowId: clientUuid, testId: clientUuid });

/** The state afterwards: one that runs ends within a moment. */
export const cancelledTest = z.strictObject({ state: z.enum(testStates) });

/** Cancels a test: at once when it waits; when it runs, its job is stopped within a moment. Throws `conflict` when it is over. */
export function cancelTest(
  ctx: Context,
  input: z.input<typeof testPlace>,
): Promise<z.infer<typeof cancelledTest>> {
  return write(ctx, "run.cancel", async (tx) => {
    const { workflowId, testId } = testPlace.parse(input);
    const [test] = await rows<{ state: TestState; isOver: boolean }>(
      tx,
      sql`select t.state, t.finished_at is not null as "isOver" from test_runs t join drafts d on d.id = t.draft_id
          where t.id = ${testId}::uuid and t.project_id = ${ctx.project.id}::uuid and d.workflow_id = ${workflowId}::uuid
            and d.user_id = ${personOf(ctx)}::uuid for update of t`,
    );
    if (!test) throw notFound("The test");
    if (test.isOver)
      throw conflict(`This test has ended already (${test.state}), so it cannot be cancelled.`);
    const waits = test.state === "waiting";
    const ends = waits
      ? sql`, state = 'cancelled', error_type = 'Cancelled', finished_at = clock_timestamp(), graph = null`
      : sql``;
    await tx.execute(
      sql`update test_runs set cancel_requested_at = coalesce(cancel_requested_at, now())${ends}
          where id = ${testId}::uuid and project_id = ${ctx.project.id}::uuid`,
    );
    return {
      result: { state: waits ? "cancelled" : test.state },
      audit: { event: "test.cancel", itemId: testId, before: { state: test.state } },
      changed: { tests: [testId] },
    };
  });
}
