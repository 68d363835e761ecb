import { eq } from "drizzle-orm";
import { z } from "zod";
import { projects } from "@/db/schema";
import type { Plan } from "@/lib/domain/usage/types";
import { type Writer, write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { mostRunsPerMinute, mostRunsPerMonth } from "@/lib/settings/checks.mjs";
import { limitKinds } from "@/lib/words";

const runsUpTo = (most: number) => z.int().min(1).max(most).nullable();

export const planInput = z.strictObject({
  runsPerMonth: runsUpTo(mostRunsPerMonth).exactOptional(),
  runsPerMinute: runsUpTo(mostRunsPerMinute).exactOptional(),
  limitKind: z.enum(limitKinds).exactOptional(),
});

/**
 * Sets what `input` names of a project's plan; null lets as many runs start as come. For the operator: no role in a project
 * allows it. Returns the whole plan. Throws `not_found`.
 */
export async function setPlan(
  ctx: Writer & { project: { id: string } },
  input: z.input<typeof planInput>,
): Promise<Plan> {
  const changes = planInput.parse(input);
  const { runsPerMonth, runsPerMinute, limitKind } = projects;
  const columns = { runsPerMonth, runsPerMinute, limitKind };
  return write(ctx, "own", async (tx) => {
    const [before] = await tx
      .select(columns)
      .from(projects)
      .where(eq(projects.id, ctx.project.id))
      .for("no key update");
    if (!before) throw notFound("The project");
    const after = { ...before, ...changes };
    const isSame =
      after.runsPerMonth === before.runsPerMonth &&
      after.runsPerMinute === before.runsPerMinute &&
      after.limitKind === before.limitKind;
    if (isSame) return { result: before, audit: null, changed: null };
    await tx.update(projects).set(after).where(eq(projects.id, ctx.project.id));
    return {
      result: after,
      audit: { event: "project.set_plan", itemId: ctx.project.id, before, after, project: ctx.project },
      changed: null,
    };
  });
}
