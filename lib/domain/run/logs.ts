import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { stopIfHungUp } from "@/db/deadline";
import { containing } from "@/db/like";
import { iso, rows } from "@/db/rows";
import { runs, steps } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { heavyRead } from "@/lib/domain/heavy-read";
import { type Mask, maskFor } from "@/lib/domain/mask/mask";
import { openVeil, type Veil } from "@/lib/domain/mask/veil";
import { requirePermission } from "@/lib/domain/permissions";
import { isLogGone } from "@/lib/domain/retention/gone-logs";
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
  const { text, limit, ...asked } = listLogsInput.parse(input);
  const step = await requireStep(ctx, stepId);
  const mask = await maskFor(ctx);
  const veil = mask ? await logVeil(mask, step) : openVeil;
  const read = veil.isOpen
    ? () => linesOf(ctx, stepId, { ...asked, text, limit: limit + 1 })
    : () =>
        veiledLines(veil, (after) => linesOf(ctx, stepId, { ...asked, after, limit: limits.logPage }), {
          ...{ after: asked.after, text, limit: limit + 1 },
        });
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

type Line = Omit<LogRow, "at" | "attempt"> & { at: Date | string; attempt: number };
type Asked = { after: number; level?: LogRow["level"] | undefined; text?: string | undefined; limit: number };

const linesOf = (ctx: Context, stepId: string, { after, level, text, limit }: Asked): Promise<Line[]> =>
  rows<Line>(
    ctx.db,
    sql`select seq, at, level, source, message, ${attemptIn(stepId)} as attempt from log_lines l
        where step_id = ${stepId} and exists (select 1 from steps s where s.id = ${stepId} and s.project_id = ${ctx.project.id} and not ${sql.raw(isLogGone("s"))})
          and seq > ${after} ${level ? sql`and level = ${level}` : sql``}
          ${text ? sql`and message ilike ${containing(text)}` : sql``}
        order by seq limit ${limit}`,
  );

/** While a step runs, nobody knows what it will have found out, and may have written already. */
export const logVeil = (mask: Mask, { isFinished, ...subject }: FoundStep): Promise<Veil> | Veil =>
  isFinished ? mask.veil(subject) : mask.veil(subject).then((veil) => (veil.isOpen ? veil : mask.whole));

/** Lines behind a veil, and of those the ones that say a text: what is hidden confirms nothing. */
async function veiledLines(
  veil: Veil,
  page: (after: number) => Promise<Line[]>,
  { after, text, limit }: Pick<Asked, "after" | "text" | "limit">,
): Promise<Line[]> {
  const found: Line[] = [];
  const wanted = text?.toLowerCase();
  for (let from = after; found.length < limit; ) {
    stopIfHungUp();
    const lines = await page(from);
    for (const line of lines) {
      const message = veil.text(line.message);
      if (wanted === undefined || message.toLowerCase().includes(wanted)) found.push({ ...line, message });
    }
    const last = lines.at(-1);
    if (!last || lines.length < limits.logPage) break;
    from = last.seq;
  }
  return found.slice(0, limit);
}

/** Which attempt wrote a line: each begins behind the lines of the one before. */
const attemptIn = (stepId: string) => sql`1 + coalesce(width_bucket(l.seq, (
  select array_agg(a.log_lines order by a.attempt) from step_attempts a /* checked: of a step that was found */ where a.step_id = ${stepId}::uuid
)), 0)`;

type FoundStep = { messageId: string | null; workOrderId: string; isFinished: boolean };

/** A step of the project, and what it is about. Throws `not_found`. */
export async function requireStep(ctx: Context, stepId: string): Promise<FoundStep> {
  const [step] = await ctx.db
    .select({
      messageId: steps.messageId,
      workOrderId: runs.workOrderId,
      isFinished: sql<boolean>`${steps.finishedAt} is not null`,
    })
    .from(steps)
    .innerJoin(runs, and(eq(runs.id, steps.runId), eq(runs.projectId, steps.projectId)))
    .where(and(eq(steps.id, stepId), eq(steps.projectId, ctx.project.id)));
  if (!step) throw notFound("The step");
  return step;
}
