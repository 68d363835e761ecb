import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { issues } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { invalid, notFound } from "@/lib/refusal";
import { issueStates } from "@/lib/words";
import { getIssue } from "./get";
import type { IssueRow } from "./types";

const mostFailures = 1_000_000;
const mostDays = 366;

export const updateIssueInput = z.strictObject({
  id: z.uuid(),
  state: z.enum(issueStates),
  ignoredUntil: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: `Ignored: until then, at most ${mostDays} days; without either for ever.` }),
  ignoredFor: z
    .int()
    .min(1)
    .max(mostFailures)
    .optional()
    .meta({ description: "Ignored: until it has failed so many more times." }),
});

/**
 * Says how an issue stands: it is known and somebody is at it, over, not to be told of, or open after all. What it stands at
 * already stays as it is. Throws `not_found`, and `invalid` for a time that is over or too far, or without being ignored.
 */
export async function updateIssue(ctx: Context, input: z.input<typeof updateIssueInput>): Promise<IssueRow> {
  const { id, state, ignoredUntil, ignoredFor } = updateIssueInput.parse(input);
  const until = ignoredUntil === undefined ? null : new Date(ignoredUntil);
  if (state !== "ignored" && (until || ignoredFor))
    throw invalid("Only what is ignored is ignored until something.");
  if (until) requireSoon(until);
  return write(ctx, "issue.update", async (tx) => {
    const isIt = () => and(eq(issues.projectId, ctx.project.id), eq(issues.id, id));
    const [before] = await tx
      .select({ state: issues.state, count: issues.count, returned: issues.returned })
      .from(issues)
      .where(isIt())
      .for("no key update");
    if (!before) throw notFound("The issue");
    const inside = { ...ctx, db: tx };
    if (before.state === state && state !== "ignored")
      return { result: await getIssue(inside, id), audit: null, changed: null };
    const untilCount = ignoredFor === undefined ? null : before.count + ignoredFor;
    await tx
      .update(issues)
      .set({
        state,
        changedBy: actorUserId(ctx.actor),
        changedByLabel: ctx.actor.label,
        changedAt: sql`clock_timestamp()`,
        ignoredUntil: until,
        ignoredUntilCount: untilCount,
        // Whoever opens it knows of it: what follows is told when it has grown.
        ...(state === "open" ? { toldReturned: before.returned, toldCount: before.count } : {}),
      })
      .where(isIt());
    const after = {
      state,
      ...(until ? { ignoredUntil: until.toISOString() } : {}),
      ...(untilCount ? { ignoredUntilCount: untilCount } : {}),
    };
    return {
      result: await getIssue(inside, id),
      audit: { event: "issue.update", itemId: id, before: { state: before.state }, after },
      changed: { issues: [id] },
    };
  });
}

function requireSoon(until: Date): void {
  if (until.getTime() <= Date.now()) throw invalid("The time until which it is ignored is over already.");
  if (until.getTime() > Date.now() + mostDays * 86_400_000)
    throw invalid(`An issue is ignored for at most ${mostDays} days, or for ever.`);
}
