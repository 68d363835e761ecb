import { and, eq, inArray, sql } from "drizzle-orm";
import type { z } from "zod";
import { rows } from "@/db/rows";
import { bulkActs, issues, messages, runs, workflows, workOrders } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { lockProject, refuseOneMore } from "@/lib/domain/counted";
import { maskFor } from "@/lib/domain/mask/mask";
import { type Permission, requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { forbidden, invalid, notFound } from "@/lib/refusal";
import type { BulkKind } from "@/lib/words";
import { beginTurn } from "./carry-out";
import { countItems } from "./count";
import { readBulkAct } from "./get";
import { type Selection, storedFilter } from "./items";
import { type BulkAct, type BulkInput, startBulkInput } from "./schemas";

export const permissionOf = (kind: BulkKind): Permission => (kind === "cancel" ? "run.cancel" : "run.rerun");

/**
 * Starts a bulk act for what is there now; what comes later is not part of it. Throws `invalid` for what does not go
 * together and for one act too many, `not_found` when a chosen item, job or workflow is not the project's, `forbidden` for a search by whom something is masked for.
 */
export async function startBulk(ctx: Context, input: z.input<typeof startBulkInput>): Promise<BulkAct> {
  const asked = startBulkInput.parse(input);
  requirePermission(ctx, permissionOf(asked.kind));
  refuseOddOnes(asked);
  const selection = await selectionOf(ctx, asked);
  const { count, isMore } = await countItems(ctx, selection);
  return write(ctx, permissionOf(asked.kind), async (tx) => {
    await lockProject(tx, ctx.project.id);
    const ofProject = eq(bulkActs.projectId, ctx.project.id);
    const where = and(ofProject, inArray(bulkActs.state, ["running", "paused", "undoing"]));
    await refuseOneMore(tx, "bulkActs", { table: bulkActs, where, whose: "The project" });
    const { name, kind, jobId, workflowId, version, ratePerMinute, maxRounds } = asked;
    const [act] = await tx
      .insert(bulkActs)
      .values({
        ...selection,
        projectId: ctx.project.id,
        name,
        kind,
        jobId,
        workflowId,
        onOriginal: version === "original",
        ratePerMinute,
        maxRounds,
        roundAt: sql`clock_timestamp()`,
        total: count,
        isMore,
        createdBy: actorUserId(ctx.actor),
        createdByLabel: ctx.actor.label,
      })
      .returning({ id: bulkActs.id });
    if (!act) throw new Error("The bulk act was not made.");
    await beginTurn(tx, { actId: act.id, projectId: ctx.project.id });
    const { ids, filter, target } = selection;
    return {
      result: await readBulkAct({ ...ctx, db: tx }, act.id),
      audit: {
        event: "bulk.start",
        itemId: act.id,
        after: {
          name,
          kind,
          target,
          ...(ids ? { chosen: ids.length } : { filter }),
          items: count,
          jobId,
          workflowId,
          version,
          ratePerMinute,
          maxRounds,
        },
      },
      changed: null,
    };
  });
}

/** What does not go together. Throws `invalid`. */
export function refuseOddOnes({
  kind,
  of,
  jobId,
  workflowId,
  version,
  maxRounds = 1,
}: BulkInput & { maxRounds?: number }): void {
  const targets = {
    rerun: ["messages", "runs", "issue"],
    reprocess: ["messages"],
    cancel: ["messages", "runs"],
    release: ["messages", "rejected"],
  };
  if (!targets[kind].includes(of.target))
    throw invalid(`A bulk act of kind ${kind} is for ${targets[kind].join(" or ")}, not for ${of.target}.`);
  if (of.ids && "filter" in of && of.filter) throw invalid("Name the chosen ones or a filter, not both.");
  if (kind !== "rerun" && (jobId || workflowId))
    throw invalid("Only a rerun starts from a job, or with a workflow of its own.");
  if (workflowId && (jobId || of.target !== "messages"))
    throw invalid("A workflow is chosen for messages that are rerun from the start.");
  if (version === "original" && kind !== "rerun" && kind !== "release")
    throw invalid("Only what is run again can be run on the version of then.");
  if (
    maxRounds > 1 &&
    (kind !== "rerun" || of.ids || !("filter" in of && of.filter && "state" in of.filter && of.filter.state))
  )
    throw invalid("Only a rerun by a filter with a state can be repeated until nothing is left.");
}

/** What the act is for, as it is stored. Throws `not_found` for what is not the project's. */
export async function selectionOf(
  ctx: Context,
  { of, jobId, workflowId }: BulkInput,
): Promise<Selection & { jobName: string | null }> {
  if ("filter" in of && of.filter && "text" in of.filter && of.filter.text && (await maskFor(ctx)))
    throw forbidden(
      "Something is masked for your role, and what a search finds would say what. Search the list, and choose of what it shows.",
    );
  const ids = of.ids ? [...new Set(of.ids.map((id) => id.toLowerCase()))].sort() : null;
  if (ids) await requireItems(ctx, of.target, ids);
  if (of.target === "issue") await requireIssue(ctx, of.issueId, jobId);
  const jobName = jobId ? await nameOfJob(ctx, jobId) : null;
  if (
    workflowId &&
    (await ctx.db.$count(
      workflows,
      and(eq(workflows.projectId, ctx.project.id), eq(workflows.id, workflowId)),
    )) === 0
  )
    throw notFound("The workflow");
  const [now] = await rows<{ until: string }>(ctx.db, sql`select uuid_v7() as until`);
  if (!now) throw new Error("The database gave no id.");
  return {
    target: of.target,
    ids,
    filter: filterOf(of, ids !== null),
    until: now.until,
    roundAt: null,
    jobName,
  };
}

/** What an issue's chosen work orders are of is part of what they are. */
function filterOf(of: BulkInput["of"], isChosen: boolean): Record<string, string> | null {
  if (of.target === "issue") return { issue: of.issueId.toLowerCase() };
  return isChosen ? null : storedFilter(of.filter ?? {});
}

/** Throws `not_found` for one that is not the project's, `invalid` for a job that is not its own. */
async function requireIssue(ctx: Context, id: string, jobId: string | undefined): Promise<void> {
  const [issue] = await ctx.db
    .select({ jobId: issues.jobId })
    .from(issues)
    .where(and(eq(issues.projectId, ctx.project.id), eq(issues.id, id)));
  if (!issue) throw notFound("The issue");
  if (jobId && jobId.toLowerCase() !== issue.jobId)
    throw invalid("What an issue affects is rerun from the issue's own job, or from the start.");
}

const tables = { messages, runs, rejected: workOrders, issue: workOrders } as const;

async function requireItems(ctx: Context, target: BulkInput["of"]["target"], ids: string[]): Promise<void> {
  const table = tables[target];
  const count = await ctx.db.$count(table, and(eq(table.projectId, ctx.project.id), inArray(table.id, ids)));
  if (count < ids.length)
    throw notFound(
      ids.length - count === 1 ? "One of the chosen items" : `${ids.length - count} of the chosen items`,
    );
}

/**
 * What a job is called. One that was deleted can be rerun on the version that ran then, as long as it has run. Throws
 * `not_found`.
 */
async function nameOfJob(ctx: Context, jobId: string): Promise<string> {
  const [job] = await rows<{ name: string }>(
    ctx.db,
    sql`select name from jobs where id = ${jobId}::uuid and project_id = ${ctx.project.id}
        union all
        (select job_name from steps where job_id = ${jobId}::uuid and project_id = ${ctx.project.id} order by job_id desc, id desc limit 1)
        limit 1`,
  );
  if (!job) throw notFound("The job");
  return job.name;
}
