import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { maskFor } from "@/lib/domain/mask/mask";
import { openVeil, type Veil } from "@/lib/domain/mask/veil";
import { historyInput } from "@/lib/domain/numbered/asked";
import {
  countedEntries,
  type Numbered,
  numberedInput,
  openfnMoment,
  placeOf,
  refuseNoMoments,
} from "@/lib/domain/numbered/page";
import { rangesOf } from "@/lib/domain/numbered/ranges";
import { requirePermission } from "@/lib/domain/permissions";
import { isLogGone } from "@/lib/domain/retention/gone-logs";
import type { LogLevel, LogSource } from "@/lib/words";
import { logVeil } from "./logs";
import { runHistory } from "./numbered";

export const openfnLevels = ["success", "always", "info", "warn", "error", "debug"] as const;

export const listLogLinesInput = numberedInput.extend({
  timestamp_after: openfnMoment,
  timestamp_before: openfnMoment,
  project_id: z.uuid().optional(),
  workflow_id: z.uuid().optional(),
  job_id: z.uuid().optional(),
  work_order_id: z.uuid().optional(),
  run_id: z.uuid().optional(),
  level: z
    .enum(openfnLevels)
    .optional()
    .meta({ description: "`always` is a level of OpenFn's that no line has here." }),
});
type Asked = z.output<typeof listLogLinesInput>;

export type LogLineRow = {
  /** The step's id, and the line's number in its log. */
  id: string;
  stepId: string;
  runId: string;
  at: string;
  level: LogLevel;
  source: LogSource;
  message: string;
};

/** How many runs of what is asked for are looked into, the newest ones; and how many of their steps. */
const lookedInto = { runs: 200, steps: 1_000 } as const;

/**
 * A numbered page of lines that runs of the projects wrote, newest first: of the newest 200 runs of what is asked for,
 * up to the newest 10,000 lines. What is masked for the caller is masked in them. Throws `invalid` for what is no moment.
 */
export async function listLogLines(
  ctxs: readonly Context[],
  input: z.input<typeof listLogLinesInput>,
): Promise<Numbered<LogLineRow>> {
  for (const ctx of ctxs) requirePermission(ctx, "run.read");
  const asked = listLogLinesInput.parse(input);
  const { timestamp_after, timestamp_before } = asked;
  refuseNoMoments({ timestamp_after, timestamp_before });
  const steps = await newestSteps(ctxs, asked);
  const [first] = ctxs;
  if (!first || steps.length === 0) return { ...placeOf(asked, 0), items: [] };
  const where = sql`l.step_id = any(${sql.param(steps.map(({ id }) => id))}::uuid[]) ${narrowed(asked)}`;
  const most = countedEntries + 1;
  const [counted] = await rows<{ count: number }>(
    first.db,
    sql`/* checked: steps of the projects */ select count(*)::int as count from (
          select 1 from unnest(${sql.param(steps.map(({ id }) => id))}::uuid[]) s(id)
          cross join lateral (select 1 from log_lines l where l.step_id = s.id ${narrowed(asked)} order by l.seq limit ${most}) f
          limit ${most}) n`,
  );
  const { offset, ...place } = placeOf(asked, counted?.count ?? 0);
  const found = await rows<Line>(
    first.db,
    sql`/* checked: steps of the projects */ select l.step_id as "stepId", l.seq, l.at, l.level, l.source, l.message from log_lines l where ${where}
        order by l.at desc, l.step_id desc, l.seq desc offset ${offset} limit ${place.pageSize}`,
  );
  return { ...place, items: await shown(ctxs, steps, found) };
}

type Line = Omit<LogLineRow, "id" | "runId" | "at"> & { seq: number; at: Date | string };
type Step = {
  id: string;
  runId: string;
  projectId: string;
  messageId: string | null;
  workOrderId: string;
  isFinished: boolean;
  lines: number;
};

/** Steps with a log, of the newest runs first, until they have as many lines as are counted. */
async function newestSteps(ctxs: readonly Context[], asked: Asked): Promise<Step[]> {
  const { project_id, workflow_id, run_id, work_order_id, job_id, timestamp_after, timestamp_before } = asked;
  const history = historyInput.parse({
    ...(project_id ? { project_id } : {}),
    ...(workflow_id ? { workflow_id } : {}),
    ...(run_id ? { id: run_id } : {}),
    ...(timestamp_before ? { inserted_before: timestamp_before } : {}),
  });
  const only = work_order_id ? sql`t.work_order_id = ${work_order_id}::uuid` : undefined;
  const ranges = rangesOf(ctxs, history, { ...runHistory, only });
  if (!ranges) return [];
  const { where, newestFirst } = ranges.of({ project: sql`p.project`, state: sql`s.state` });
  const found = await rows<Step>(
    ranges.db,
    sql`/* checked: by the ranges */ select s.id, s.run_id as "runId", s.project_id as "projectId", s.message_id as "messageId",
          t.work_order_id as "workOrderId", s.finished_at is not null as "isFinished", s.log_lines as lines
        from (select f.* from ${ranges.each} cross join lateral (
            select t.* from runs t where ${where} order by ${newestFirst} limit ${lookedInto.runs}) f
          order by f.id desc limit ${lookedInto.runs}) t
        join steps s on s.run_id = t.id and s.project_id = t.project_id
        where ${ranges.condition ?? sql`true`}
          and (s.log_lines > 0 or s.finished_at is null) and not ${sql.raw(isLogGone("s"))} ${job_id ? sql`and s.job_id = ${job_id}::uuid` : sql``}
          ${timestamp_after ? sql`and (s.finished_at is null or s.finished_at >= ${timestamp_after}::timestamptz)` : sql``}
        order by t.id desc, s.ordinal desc limit ${lookedInto.steps}`,
  );
  let lines = 0;
  const end = found.findIndex((step) => {
    lines += step.lines;
    return lines > countedEntries;
  });
  return end < 0 ? found : found.slice(0, end + 1);
}

/** What besides its step is asked of a line. */
function narrowed({ level, timestamp_after, timestamp_before }: Asked): SQL {
  const conditions = [
    sql``,
    ...(level ? [sql`l.level = ${level}`] : []),
    ...(timestamp_after ? [sql`l.at > ${timestamp_after}::timestamptz`] : []),
    ...(timestamp_before ? [sql`l.at < ${timestamp_before}::timestamptz`] : []),
  ];
  return sql.join(conditions, sql` and `);
}

/** The lines as the caller may see them, in each project by their role there. */
async function shown(ctxs: readonly Context[], steps: Step[], lines: Line[]): Promise<LogLineRow[]> {
  const stepOf = new Map(steps.map((step) => [step.id, step]));
  const veils = new Map<string, Veil>();
  const wanted = new Set(lines.map(({ stepId }) => stepId));
  for (const ctx of ctxs) {
    const ofCtx = steps.filter((step) => step.projectId === ctx.project.id && wanted.has(step.id));
    const mask = ofCtx.length > 0 ? await maskFor(ctx) : null;
    for (const { id, messageId, workOrderId, isFinished } of ofCtx)
      veils.set(id, mask ? await logVeil(mask, { messageId, workOrderId, isFinished }) : openVeil);
  }
  return lines.flatMap(({ seq, at, message, ...line }) => {
    const [step, veil] = [stepOf.get(line.stepId), veils.get(line.stepId)];
    if (!step || !veil) return [];
    return {
      ...line,
      id: `${line.stepId}:${seq}`,
      runId: step.runId,
      at: iso(at),
      message: veil.text(message),
    };
  });
}
