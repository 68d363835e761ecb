import { sql } from "drizzle-orm";
import { z } from "zod";
import { type KeysetScope, keyset, rowByRow } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { issueStates } from "@/lib/words";
import { mostCounted, readIssues } from "./read";
import type { IssueRow } from "./types";

export const issueFilter = z.strictObject({
  state: z.enum(issueStates).optional(),
  workflow: z.uuid().optional(),
});

export const listIssuesInput = issueFilter.extend(pageInput.shape);

/** The project's issues, the one that failed last first; one that fails meanwhile comes up again. */
export async function listIssues(
  ctx: Context,
  input: z.input<typeof listIssuesInput> = {},
): Promise<Page<IssueRow>> {
  requirePermission(ctx, "issue.read");
  const { state, workflow, cursor, limit } = listIssuesInput.parse(input);
  const scope: KeysetScope = workflow
    ? [[sql`i.workflow_id`, workflow]]
    : [[sql`i.project_id`, ctx.project.id], ...(state ? ([[sql`i.state`, state]] as KeysetScope) : [])];
  const page = keyset(scope, sql`i.seen_id`, { before: cursor });
  const more = workflow
    ? sql` and ${rowByRow(sql`i.project_id = ${ctx.project.id}`)}${state ? sql` and ${rowByRow(sql`i.state = ${state}`)}` : sql``}`
    : sql``;
  const found = await readIssues(
    ctx,
    sql`where ${page.where}${more} order by ${page.newestFirst} limit ${limit + 1}`,
    mostCounted.list,
  );
  const { items, nextCursor } = toPageBy(found, limit, ({ seenId }) => seenId);
  return { items: items.map(({ issue }) => issue), nextCursor };
}

/** Open issues are counted up to here. */
const mostOpen = 99;

export const openIssues = z
  .strictObject({ count: z.int().meta({ description: "100 are more than 99." }) })
  .meta({ id: "OpenIssues" });

/** How many issues are open; 100 are more than 99. */
export async function countOpenIssues(ctx: Context): Promise<number> {
  requirePermission(ctx, "issue.read");
  const ofProject = keyset(
    [
      [sql`i.project_id`, ctx.project.id],
      [sql`i.state`, "open"],
    ],
    sql`i.seen_id`,
  );
  const [found] = await rows<{ count: number }>(
    ctx.db,
    sql`select count(*)::int as count from (select 1 from issues i where ${ofProject.where} limit ${mostOpen + 1}) counted`,
  );
  return found?.count ?? 0;
}
