import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type History, historyInput } from "@/lib/domain/numbered/asked";
import type { Place } from "@/lib/domain/numbered/chunks";
import { numberedHistory } from "@/lib/domain/numbered/history";
import type { Numbered } from "@/lib/domain/numbered/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { type RunState, runStates } from "@/lib/words";
import { runsByIds } from "./list";
import type { RunRow } from "./types";

export const listNumberedRunsInput = historyInput.extend({ work_order_id: z.uuid().optional() });

/** OpenFn's words of the states that a run has before its end. */
export const openfnRunState = (state: RunState): string =>
  state === "pending" ? "available" : state === "running" ? "started" : state;

const stateOf = (word: string): RunState | undefined => {
  if (word === "available" || word === "claimed") return "pending";
  return word === "started" ? "running" : runStates.find((state) => state === word);
};

/** Runs as numbered pages read them. */
export const runHistory: History = {
  table: "runs",
  updatedAt: sql`coalesce(t.finished_at, t.started_at, t.created_at)`,
  stateOf,
};

/** A numbered page of the projects' runs, newest first. Throws `invalid` for a filter that says nothing. */
export async function listNumberedRuns(
  ctxs: readonly Context[],
  input: z.input<typeof listNumberedRunsInput>,
): Promise<Numbered<RunRow>> {
  for (const ctx of ctxs) requirePermission(ctx, "run.read");
  const { work_order_id: order, ...asked } = listNumberedRunsInput.parse(input);
  const only = order ? sql`t.work_order_id = ${order}::uuid` : undefined;
  const page = await numberedHistory(ctxs, asked, { ...runHistory, only });
  return { ...page, items: await runsAt(ctxs, page.items) };
}

/** One of the projects' runs, as it is listed. Throws `not_found`. */
export async function getListedRun(ctxs: readonly Context[], id: string): Promise<RunRow> {
  for (const ctx of ctxs) requirePermission(ctx, "run.read");
  const [first] = ctxs;
  const place =
    first && z.uuid().safeParse(id).success
      ? await rows<Place>(
          first.db,
          sql`select id, project_id as "projectId" from runs
              where id = ${id}::uuid and project_id = any(${sql.param(ctxs.map(({ project }) => project.id))}::uuid[])`,
        )
      : [];
  const [run] = await runsAt(ctxs, place);
  if (!run) throw notFound("The run");
  return run;
}

/** Read project by project: what is masked in each depends on the caller's role there. */
async function runsAt(ctxs: readonly Context[], places: Place[]): Promise<RunRow[]> {
  const found = await Promise.all(
    ctxs.map((ctx) => {
      const ids = places.filter(({ projectId }) => projectId === ctx.project.id).map(({ id }) => id);
      return ids.length > 0 ? runsByIds(ctx, ids) : [];
    }),
  );
  return found.flat().sort((a, b) => (a.id < b.id ? 1 : -1));
}
