import { sql } from "drizzle-orm";
import { z } from "zod";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { historyInput } from "@/lib/domain/numbered/asked";
import type { Place } from "@/lib/domain/numbered/chunks";
import { numberedHistory } from "@/lib/domain/numbered/history";
import type { Numbered } from "@/lib/domain/numbered/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { type RunState, runStates } from "@/lib/words";

export const listWorkOrdersInput = historyInput;

export type WorkOrderRow = {
  id: string;
  state: RunState;
  lastActivity: string;
  createdAt: string;
};

/** A numbered page of the projects' work orders, newest first. Throws `invalid` for a filter that says nothing. */
export async function listWorkOrders(
  ctxs: readonly Context[],
  input: z.input<typeof listWorkOrdersInput>,
): Promise<Numbered<WorkOrderRow>> {
  for (const ctx of ctxs) requirePermission(ctx, "run.read");
  const asked = listWorkOrdersInput.parse(input);
  const page = await numberedHistory(ctxs, asked, {
    table: "work_orders",
    updatedAt: sql`t.last_activity`,
    stateOf: (word) => runStates.find((state) => state === word),
  });
  return { ...page, items: await workOrdersAt(ctxs, page.items) };
}

/** One of the projects' work orders. Throws `not_found`. */
export async function getWorkOrder(ctxs: readonly Context[], id: string): Promise<WorkOrderRow> {
  for (const ctx of ctxs) requirePermission(ctx, "run.read");
  const { success } = z.uuid().safeParse(id);
  const [found] = success
    ? await workOrdersAt(
        ctxs,
        ctxs.map(({ project }) => ({ id, projectId: project.id })),
      )
    : [];
  if (!found) throw notFound("The work order");
  return found;
}

type Row = { id: string; state: RunState; lastActivity: Date | string; createdAt: Date | string };

async function workOrdersAt(ctxs: readonly Context[], places: Place[]): Promise<WorkOrderRow[]> {
  const [first] = ctxs;
  if (!first || places.length === 0) return [];
  const ids = [...new Set(places.map(({ id }) => id))];
  const projectIds = [...new Set(places.map(({ projectId }) => projectId))];
  const found = await rows<Row>(
    first.db,
    sql`select id, state, last_activity as "lastActivity", created_at as "createdAt" from work_orders o
        where o.id = any(${sql.param(ids)}::uuid[]) and o.project_id = any(${sql.param(projectIds)}::uuid[]) order by o.id desc`,
  );
  return found.map((row) => ({ ...row, lastActivity: iso(row.lastActivity), createdAt: iso(row.createdAt) }));
}
