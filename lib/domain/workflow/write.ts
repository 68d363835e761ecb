import { and, eq, getTableColumns, inArray, isNull, notInArray, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import {
  edges,
  jobs,
  keychainCredentials,
  projectCredentials,
  snapshots,
  triggers,
  workflows,
} from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { followLibrary } from "@/lib/domain/library/follow";
import { takeIds } from "@/lib/domain/taken-ids";
import { type Change, write } from "@/lib/domain/write";
import { versionHash } from "@/lib/portability/version-hash";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { sqlJson } from "@/lib/sql-json";
import type { VersionSource } from "@/lib/words";
import { nextFire } from "@/lib/workflow/cron";
import { sameGraph } from "@/lib/workflow/same";
import type { TriggerNode, WorkflowGraph } from "@/lib/workflow/types";
import { validateGraph } from "@/lib/workflow/validate-graph";
import { refuseBrokenFollowing } from "./following";
import { workflowGraph } from "./graph-schema";
import { refuseGrownGraph } from "./grown";
import { loadGraph } from "./load-graph";
import { fieldDetails } from "./problems";
import { refuseGrownTotals, totalsOf } from "./totals";

export type WriteWorkflow = {
  id: string;
  /** The version the edit started from; null for a new workflow. */
  lockVersion: number | null;
  graph: WorkflowGraph;
  source: VersionSource;
  /** restore: the version that it is again. */
  restoredFrom?: number;
  /** What is new in it. */
  note?: string | null | undefined;
  /** restore: it was deleted, so it is a new version even when it says the same. */
  wasDeleted?: boolean;
  /** The caller, who writes several, looks at the project's totals, and at what follows what, after the last. */
  isOneOfMany?: true;
};

export const savedWorkflow = z.strictObject({
  id: z.uuid(),
  lockVersion: z.int(),
  snapshotId: z.uuid(),
  graph: workflowGraph,
  changed: z.boolean(),
});
export type SavedWorkflow = z.infer<typeof savedWorkflow>;

/**
 * Writes a whole, pinned graph, with snapshot and audit event when anything changed. Throws `invalid` for an unsound
 * graph, `not_found` for a workflow of another project, `conflict` for a stale version or a name or id that is taken.
 */
export const writeWorkflow = (ctx: Context, version: WriteWorkflow): Promise<SavedWorkflow> =>
  write(ctx, "workflow.write", (tx) => writeVersion(tx, ctx, version));

async function writeVersion(tx: Db, ctx: Context, wanted: WriteWorkflow): Promise<Change<SavedWorkflow>> {
  const { id } = wanted;
  refuseUnsound(wanted.graph);
  await lockProject(tx, ctx.project.id);
  const graph = await followLibrary(tx, ctx.project.id, wanted.graph);
  const before = await lockWorkflow(tx, ctx.project.id, wanted);
  const old = before?.snapshotId ? await loadGraph(tx, ctx.project.id, before.snapshotId) : null;
  if (before?.snapshotId && old && !wanted.wasDeleted && sameGraph(old.graph, graph)) {
    const { lockVersion, snapshotId } = before;
    return { result: { id, lockVersion, snapshotId, graph, changed: false }, audit: null, changed: null };
  }
  refuseGrownGraph(graph, old?.graph ?? null);
  await refuseForeignCredentials(tx, ctx.project.id, graph);
  await refuseForeignKeychains(tx, ctx.project.id, graph);
  const totals = wanted.isOneOfMany ? null : await totalsOf(tx, ctx.project.id);
  await takeItemIds(tx, ctx.project.id, wanted);

  const lockVersion = (before?.lockVersion ?? 0) + 1;
  const hash = `${historyWord[wanted.source]}:${versionHash(graph)}`;
  const history = before?.versionHistory ?? [];
  const sameVersion = history.at(-1)?.split(":")[1] === versionHash(graph);
  const row = {
    name: graph.name,
    concurrency: graph.concurrency,
    positions: graph.positions,
    orderKey: graph.orderKey,
    jobLogs: graph.jobLogs,
    lockVersion,
    versionHistory: sameVersion ? history : [...history, hash],
    // What something starts is not put away.
    ...(graph.triggers.some(({ enabled }) => enabled) ? { archivedAt: null } : {}),
  };
  if (before)
    await tx
      .update(workflows)
      .set({ ...row, updatedAt: new Date() })
      .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id)));
  // Of several in one transaction each is later than the one before: that is their order.
  else
    await tx
      .insert(workflows)
      .values({ id, projectId: ctx.project.id, ...row, createdAt: sql`clock_timestamp()` });
  await writeItems(tx, { workflowId: id, projectId: ctx.project.id }, graph);
  if (totals) {
    refuseGrownTotals(await totalsOf(tx, ctx.project.id), totals);
    await refuseBrokenFollowing(tx, ctx.project.id);
  }

  const [snapshot] = await tx
    .insert(snapshots)
    .values({
      projectId: ctx.project.id,
      workflowId: id,
      lockVersion,
      graph,
      createdBy: ctx.actor.label,
      source: wanted.source,
      restoredFrom: wanted.restoredFrom ?? null,
      note: wanted.note ?? null,
    })
    .returning({ id: snapshots.id });
  if (!snapshot) throw new Error("The snapshot was not written.");
  await tx
    .update(workflows)
    .set({ snapshotId: snapshot.id })
    .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id)));
  return {
    result: { id, lockVersion, snapshotId: snapshot.id, graph, changed: true },
    audit: {
      event: before ? "workflow.update" : "workflow.create",
      itemId: id,
      before: before && old ? summary(old.graph, before.lockVersion, before.snapshotId) : null,
      after: summary(graph, lockVersion, snapshot.id),
    },
    changed: { workflows: [id] },
  };
}

/** OpenFn's tools know two sources. */
const historyWord = {
  app: "app",
  cli: "cli",
  import: "cli",
  restore: "app",
} as const satisfies Record<VersionSource, string>;

function refuseUnsound(graph: WorkflowGraph): void {
  const problems = validateGraph(graph);
  const first = problems[0];
  if (first) throw invalid(first.message, { problems });
}

async function lockWorkflow(tx: Db, projectId: string, { id, lockVersion }: WriteWorkflow) {
  const [row] = await tx
    .select()
    .from(workflows)
    .where(and(eq(workflows.id, id), eq(workflows.projectId, projectId), isNull(workflows.deletedAt)))
    .for("update");
  if (!row && lockVersion) throw notFound("Workflow");
  if (row && row.lockVersion !== lockVersion)
    throw conflict(
      `"${row.name}" was changed by somebody else since you opened it. Load it again, then repeat your change.`,
      { lockVersion: row.lockVersion },
    );
  return row;
}

async function refuseForeignCredentials(tx: Db, projectId: string, graph: WorkflowGraph): Promise<void> {
  const wanted = new Set(graph.jobs.flatMap((job) => job.projectCredentialId ?? []));
  if (wanted.size === 0) return;
  const rows = await tx
    .select({ id: projectCredentials.id })
    .from(projectCredentials)
    .where(and(eq(projectCredentials.projectId, projectId), inArray(projectCredentials.id, [...wanted])))
    .for("key share");
  const there = new Set(rows.map((row) => row.id));
  const job = graph.jobs.find((one) => one.projectCredentialId && !there.has(one.projectCredentialId));
  if (!job) return;
  const message = `The credential of ${job.name} is not shared with this project. Choose another one.`;
  throw invalid(
    message,
    fieldDetails([{ item: "job", itemId: job.id, field: "projectCredentialId", message }]),
  );
}

/** They are locked: one that is being deleted is gone before the job is written, or after it, and then so is its use. */
async function refuseForeignKeychains(tx: Db, projectId: string, graph: WorkflowGraph): Promise<void> {
  const wanted = new Set(graph.jobs.flatMap((job) => job.keychainCredentialId ?? []));
  if (wanted.size === 0) return;
  const rows = await tx
    .select({ id: keychainCredentials.id })
    .from(keychainCredentials)
    .where(and(eq(keychainCredentials.projectId, projectId), inArray(keychainCredentials.id, [...wanted])))
    .for("key share");
  const there = new Set(rows.map((row) => row.id));
  const job = graph.jobs.find((one) => one.keychainCredentialId && !there.has(one.keychainCredentialId));
  if (!job) return;
  const message = `The keychain of ${job.name} is not one of this project. Choose another one.`;
  throw invalid(
    message,
    fieldDetails([{ item: "job", itemId: job.id, field: "keychainCredentialId", message }]),
  );
}

/** The same words whoever has the id, as what, and whether still: they tell nothing of other projects. */
export const takenItemId = "An id in this workflow is taken. Give new items new ids.";

async function takeItemIds(tx: Db, projectId: string, { id, graph }: WriteWorkflow): Promise<void> {
  const ids = await takeIds(tx, projectId, [
    { id, kind: "workflow" },
    ...graph.triggers.map((trigger) => ({ id: trigger.id, kind: "trigger" as const })),
    ...graph.jobs.map((job) => ({ id: job.id, kind: "job" as const })),
    ...graph.edges.map((edge) => ({ id: edge.id, kind: "edge" as const })),
  ]);
  if (ids.length > 0) throw conflict(takenItemId, { ids });
}

type Owner = { workflowId: string; projectId: string };

type ItemTable = typeof triggers | typeof jobs | typeof edges;

/** The workflow's own items, in its own project. */
const isOf = (table: ItemTable, { workflowId, projectId }: Owner) =>
  sql`${eq(table.workflowId, workflowId)} and ${eq(table.projectId, projectId)}`;

/** What the clock has noted of a trigger, which no save changes. */
const isNoted = new Set<string>([
  "lastTick",
  "lastDueAt",
  "lastTickAt",
] satisfies (keyof typeof triggers.$inferSelect)[]);

/** For an item that is there already: every column as the new row has it, but for what says whose it is and since when. */
function overwritten(table: ItemTable): Record<string, SQL> {
  const { id, projectId, workflowId, createdAt, ...columns } = getTableColumns(table);
  const pairs = Object.entries(columns).flatMap(([key, { name, generated }]) =>
    generated || isNoted.has(key) ? [] : [[key, sql`excluded.${sql.identifier(name)}`]],
  );
  return Object.fromEntries(pairs);
}

async function writeItems(tx: Db, owner: Owner, graph: WorkflowGraph): Promise<void> {
  const ids = (items: { id: string }[]) => items.map((item) => item.id);
  await tx.delete(edges).where(and(isOf(edges, owner), notInArray(edges.id, ids(graph.edges))));
  await writeTriggers(tx, owner, graph.triggers);
  await writeJobs(tx, owner, graph.jobs);
  await writeEdges(tx, owner, graph.edges);
  await tx.delete(triggers).where(and(isOf(triggers, owner), notInArray(triggers.id, ids(graph.triggers))));
  await tx.delete(jobs).where(and(isOf(jobs, owner), notInArray(jobs.id, ids(graph.jobs))));
}

/**
 * A cron trigger that stays as it was keeps its time: saving something else must not move it. Locked, because the clock may
 * be about to fire it: with the time from before that, it would be fired twice.
 */
async function writeTriggers(tx: Db, owner: Owner, nodes: TriggerNode[]): Promise<void> {
  if (nodes.length === 0) return;
  const before = await tx.select().from(triggers).where(isOf(triggers, owner)).for("update");
  await freePaths(tx, owner, nodes);
  const now = new Date();
  const nextRunAt = ({ id, type, enabled, cronExpression, timeZone }: TriggerNode) => {
    if (type !== "cron" || !enabled || !cronExpression) return null;
    const old = before.find((one) => one.id === id);
    const isSame = old?.cronExpression === cronExpression && old.timeZone === timeZone;
    return (isSame && old.nextRunAt) || nextFire({ cronExpression, timeZone }, now);
  };
  const written = await tx
    .insert(triggers)
    .values(nodes.map((node) => ({ ...node, ...owner, nextRunAt: nextRunAt(node) })))
    .onConflictDoUpdate({
      target: triggers.id,
      set: overwritten(triggers),
      setWhere: isOf(triggers, owner),
    })
    .returning({ id: triggers.id });
  refuseTakenIds(written, nodes);
}

/**
 * Takes custom paths from the triggers that lose them before others get them, so that two can change theirs with each
 * other, and from those of workflows that were deleted.
 */
async function freePaths(tx: Db, { workflowId, projectId }: Owner, nodes: TriggerNode[]): Promise<void> {
  const kept = nodes.flatMap(({ id, customPath }) => (customPath === null ? [] : [{ id, customPath }]));
  await tx.execute(sql`update triggers t set custom_path = null from workflows w
    where t.project_id = ${projectId} and t.custom_path is not null and w.id = t.workflow_id and w.project_id = t.project_id
      and (w.deleted_at is not null or t.workflow_id = ${workflowId} and not exists (
        select 1 from jsonb_to_recordset(${sqlJson(kept)}::jsonb) as k(id uuid, "customPath" text)
        where k.id = t.id and k."customPath" = t.custom_path))`);
}

async function writeJobs(tx: Db, owner: Owner, nodes: WorkflowGraph["jobs"]): Promise<void> {
  if (nodes.length === 0) return;
  const written = await tx
    .insert(jobs)
    .values(nodes.map((node) => ({ ...node, ...owner })))
    .onConflictDoUpdate({
      target: jobs.id,
      set: overwritten(jobs),
      setWhere: isOf(jobs, owner),
    })
    .returning({ id: jobs.id });
  refuseTakenIds(written, nodes);
}

async function writeEdges(tx: Db, owner: Owner, rows: WorkflowGraph["edges"]): Promise<void> {
  if (rows.length === 0) return;
  const written = await tx
    .insert(edges)
    .values(rows.map((row) => ({ ...row, ...owner })))
    .onConflictDoUpdate({
      target: edges.id,
      set: overwritten(edges),
      setWhere: isOf(edges, owner),
    })
    .returning({ id: edges.id });
  refuseTakenIds(written, rows);
}

/** An id of another workflow is not overwritten by the upsert, and so is missing from what it returns. */
function refuseTakenIds(written: { id: string }[], wanted: { id: string }[]): void {
  if (written.length === wanted.length) return;
  const own = new Set(written.map(({ id }) => id));
  throw conflict(takenItemId, { ids: wanted.flatMap(({ id }) => (own.has(id) ? [] : id)) });
}

const summary = (graph: WorkflowGraph, lockVersion: number, snapshotId: string | null) => ({
  name: graph.name,
  lockVersion,
  snapshotId,
  triggers: graph.triggers.map(({ id, type, enabled }) => ({ id, type, enabled })),
  jobs: graph.jobs.map(({ id, name, adaptor, adaptorVersion }) => ({ id, name, adaptor, adaptorVersion })),
});
