import { and, eq, inArray, isNull } from "drizzle-orm";
import { jobs, keychainCredentials, projectCredentials, triggers, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { followedVersions } from "@/lib/domain/library/follow";
import type { JobNode, TriggerNode, WorkflowGraph } from "@/lib/workflow/types";

/** A graph that can be written now, and what of the old one is not in it, a sentence each. */
export type Fitting = { graph: WorkflowGraph; notes: string[] };

/**
 * Returns an old version without what the project does not have any more: credentials, keychains, library entries, jobs
 * that its triggers followed. For verbs that have asked for permission.
 */
export async function fittingNow(ctx: Context, workflowId: string, graph: WorkflowGraph): Promise<Fitting> {
  const there = await whatIsThere(ctx, graph);
  const notes: string[] = [];
  const jobs = graph.jobs.map((job) => fittingJob(job, there, notes));
  const triggers = graph.triggers.filter((trigger) => isFollowing(trigger, there, notes));
  const kept = new Set(triggers.map(({ id }) => id));
  const edges = graph.edges.filter(
    ({ sourceTriggerId }) => sourceTriggerId === null || kept.has(sourceTriggerId),
  );
  notes.push(...(await webhookNotes(ctx, workflowId, triggers)));
  return { graph: { ...graph, jobs, triggers, edges }, notes };
}

type There = {
  credentials: Set<string>;
  keychains: Set<string>;
  entries: Set<string>;
  followed: Set<string>;
};

async function whatIsThere(ctx: Context, graph: WorkflowGraph): Promise<There> {
  const { db, project } = ctx;
  const used = (field: "projectCredentialId" | "keychainCredentialId") => [
    ...new Set(graph.jobs.flatMap((job) => job[field] ?? [])),
  ];
  const credentials = await db
    .select({ id: projectCredentials.id })
    .from(projectCredentials)
    .where(
      and(
        eq(projectCredentials.projectId, project.id),
        inArray(projectCredentials.id, used("projectCredentialId")),
      ),
    );
  const keychains = await db
    .select({ id: keychainCredentials.id })
    .from(keychainCredentials)
    .where(
      and(
        eq(keychainCredentials.projectId, project.id),
        inArray(keychainCredentials.id, used("keychainCredentialId")),
      ),
    );
  const sources = [...new Set(graph.triggers.flatMap(({ sourceJobId }) => sourceJobId ?? []))];
  const followed = await db
    .select({ id: jobs.id })
    .from(jobs)
    .innerJoin(workflows, and(eq(workflows.id, jobs.workflowId), isNull(workflows.deletedAt)))
    .where(and(eq(jobs.projectId, project.id), inArray(jobs.id, sources)));
  const entries = await followedVersions(db, project.id, graph.jobs);
  return {
    credentials: new Set(credentials.map(({ id }) => id)),
    keychains: new Set(keychains.map(({ id }) => id)),
    entries: new Set(entries.keys()),
    followed: new Set(followed.map(({ id }) => id)),
  };
}

function fittingJob(job: JobNode, there: There, notes: string[]): JobNode {
  const fitting = { ...job };
  if (job.adaptorVersion === null)
    notes.push(
      `${job.name} cannot run: its adaptor ${job.adaptor} could not be had when this version was saved. Choose another one for it on the workflow's page.`,
    );
  if (job.projectCredentialId !== null && !there.credentials.has(job.projectCredentialId)) {
    fitting.projectCredentialId = null;
    notes.push(
      `${job.name} had a credential that is not shared with this project any more. It comes without one: choose another for it.`,
    );
  }
  if (job.keychainCredentialId !== null && !there.keychains.has(job.keychainCredentialId)) {
    fitting.keychainCredentialId = null;
    notes.push(`${job.name} had a keychain that was deleted. It comes without one: choose another for it.`);
  }
  if (job.libraryJobId !== null && !there.entries.has(job.id)) {
    fitting.libraryJobId = null;
    fitting.libraryVersion = null;
    notes.push(
      `${job.name} was of a library entry that was deleted. It keeps its code, and is of no entry any more.`,
    );
  }
  return fitting;
}

function isFollowing({ type, sourceJobId }: TriggerNode, there: There, notes: string[]): boolean {
  if (sourceJobId === null || there.followed.has(sourceJobId)) return true;
  notes.push(
    `Its ${type} trigger followed a job that is not in this project any more. The workflow comes without that trigger.`,
  );
  return false;
}

/** How its senders proved themselves went with a webhook that was deleted. */
async function webhookNotes(ctx: Context, workflowId: string, nodes: TriggerNode[]): Promise<string[]> {
  const wanted = nodes.filter(({ type }) => type === "webhook").map(({ id }) => id);
  const rows = await ctx.db
    .select({ id: triggers.id })
    .from(triggers)
    .where(
      and(
        eq(triggers.projectId, ctx.project.id),
        eq(triggers.workflowId, workflowId),
        inArray(triggers.id, wanted),
      ),
    );
  if (rows.length === wanted.length) return [];
  return [
    "Its webhook comes back without the authentication methods that it may have had: whoever knows the address can send. Choose them in the project's settings.",
  ];
}
