import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { containing } from "@/db/like";
import { iso, rows } from "@/db/rows";
import { steps } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { heavyRead } from "@/lib/domain/heavy-read";
import { requirePermission } from "@/lib/domain/permissions";
import { limits } from "@/lib/limits";
import { notFound } from "@/lib/refusal";
import { logLevels } from "@/lib/words";
import type { LogPage, LogRow } from "./types";

/** What the column holds. */
const maxSeq = 2 ** 31 - 1;

export const listLogsInput = z.strictObject({
  /** Sequence number after which to read; -1 from the start. */
  after: z.coerce.number().int().min(-1).max(maxSeq).default(-1),
  level: z.enum(logLevels).optional(),
  text: z.string().trim().min(1).max(limits.searchText).optional(),
  limit: z.coerce.number().int().min(1).max(limits.logPage).default(2_000),
});

/** A step's log in order. `nextAfter` is null when the page reached the last line there is now. */
export async function listLogs(
  ctx: Context,
  stepId: string,
  input: z.input<typeof listLogsInput>,
): Promise<LogPage> {
  requirePermission(ctx, "run.read");
  const { after, level, text, limit } = listLogsInput.parse(input);
  await requireStep(ctx, stepId);
  const read = () =>
    rows<Omit<LogRow, "at" | "attempt"> & { at: Date | string; attempt: number }>(
      ctx.db,
      sql`select seq, at, level, source, message, ${attemptIn(stepId)} as attempt from log_lines l
        where step_id = ${stepId} and exists (select 1 from steps where id = ${stepId} and project_id = ${ctx.project.id})
          and seq > ${after} ${level ? sql`and level = ${level}` : sql``}
          ${text ? sql`and message ilike ${containing(text)}` : sql``}
        order by seq limit ${limit + 1}`,
    );
  // Text is looked for in every line; a page of lines is not.
  const found = text ? await heavyRead(ctx.project.id, read) : await read();
  const page = found.slice(0, limit);
  return {
    items: page.map(({ attempt, ...line }) => ({
      ...line,
      at: iso(line.at),
      ...(attempt > 1 ? { attempt } : {}),
    })),
    nextAfter: found.length > limit ? (page.at(-1)?.seq ?? null) : null,
  };
}

/** Which attempt wrote a line: each begins behind the lines of the one before. */
const attemptIn = (stepId: string) => sql`1 + coalesce(width_bucket(l.seq, (
  select array_agg(a.log_lines order by a.attempt) from step_attempts a /* checked: of a step that was found */ where a.step_id = ${stepId}::uuid
)), 0)`;

/** Throws `not_found` unless the step belongs to the project. */
export async function requireStep(ctx: Context, stepId: string): Promise<void> {
  const [step] = await ctx.db
    .select({ id: steps.id })
    .from(steps)
    .where(and(eq(steps.id, stepId), eq(steps.projectId, ctx.project.id)));
  if (!step) throw notFound("The step");
}
