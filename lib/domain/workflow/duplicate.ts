import { randomUUID } from "node:crypto";
import { and, eq, exists, inArray, isNull } from "drizzle-orm";
import { z } from "zod";
import { triggerAuthMethods, triggers, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { named } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { limits } from "@/lib/limits";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { presentWorkflow } from "./present";
import { withTakenNames } from "./save";
import { clientUuid, itemName } from "./schemas";
import { writeWorkflow } from "./write";

export const duplicateWorkflowInput = z.strictObject({
  name: itemName.trim().min(1).optional().meta({ description: "Left out: the name, and that it is a copy." }),
});

export const duplicated = named
  .extend({
    lockVersion: z.int(),
    notes: z.array(z.string()).meta({ description: "What the copy does not have: a sentence each." }),
  })
  .meta({ id: "DuplicatedWorkflow" });
export type Duplicated = z.infer<typeof duplicated>;

const input = duplicateWorkflowInput.extend({ workflowId: clientUuid });

/**
 * Makes a second workflow like the present version of one: new ids everywhere, every trigger off, custom paths left out.
 * Throws `not_found`, `conflict` for a taken name, `invalid` when the project has no room for another one.
 */
export async function duplicateWorkflow(ctx: Context, of: z.input<typeof input>): Promise<Duplicated> {
  requirePermission(ctx, "workflow.write");
  const { workflowId, name } = input.parse(of);
  const { graph } = await presentWorkflow(ctx, workflowId);
  const notes = await lostBy(ctx, graph);
  const id = randomUUID();
  const copy = { ...copyOf(graph), name: name ?? (await freeName(ctx, graph.name)) };
  const saved = await withTakenNames(() =>
    writeWorkflow(ctx, {
      id,
      lockVersion: null,
      graph: copy,
      source: "app",
      note: `A copy of ${graph.name}`,
    }),
  );
  return { id, name: copy.name, lockVersion: saved.lockVersion, notes };
}

/** The same under new ids. */
function copyOf(graph: WorkflowGraph): WorkflowGraph {
  const ids = new Map(
    [...graph.triggers, ...graph.jobs, ...graph.edges].map(({ id }) => [id, randomUUID()] as const),
  );
  const idOf = (id: string) => ids.get(id) ?? id;
  const idOrNull = (id: string | null) => (id === null ? null : idOf(id));
  return {
    ...graph,
    triggers: graph.triggers.map((trigger) => ({
      ...trigger,
      id: idOf(trigger.id),
      enabled: false,
      customPath: null,
      cronCursorJobId: idOrNull(trigger.cronCursorJobId),
    })),
    jobs: graph.jobs.map((job) => ({ ...job, id: idOf(job.id) })),
    edges: graph.edges.map((edge) => ({
      ...edge,
      id: idOf(edge.id),
      sourceTriggerId: idOrNull(edge.sourceTriggerId),
      sourceJobId: idOrNull(edge.sourceJobId),
      targetJobId: idOf(edge.targetJobId),
    })),
    positions:
      graph.positions &&
      Object.fromEntries(Object.entries(graph.positions).map(([id, place]) => [idOf(id), place])),
  };
}

async function lostBy(ctx: Context, graph: WorkflowGraph): Promise<string[]> {
  const notes: string[] = [];
  if (graph.triggers.some(({ enabled }) => enabled)) notes.push("Its triggers are switched off.");
  const paths = graph.triggers.flatMap(({ customPath }) => customPath ?? []);
  if (paths.length > 0)
    notes.push(`It has no custom path: ${paths.join(", ")} stays with the workflow that it is a copy of.`);
  const webhooks = graph.triggers.filter(({ type }) => type === "webhook").map(({ id }) => id);
  const link = ctx.db
    .select({ id: triggerAuthMethods.triggerId })
    .from(triggerAuthMethods)
    .where(and(eq(triggerAuthMethods.triggerId, triggers.id), eq(triggers.projectId, ctx.project.id)));
  const [secured] = await ctx.db
    .select({ id: triggers.id })
    .from(triggers)
    .where(and(eq(triggers.projectId, ctx.project.id), inArray(triggers.id, webhooks), exists(link)))
    .limit(1);
  if (secured)
    notes.push(
      "Its webhook comes without authentication methods: whoever knows the address can send, once it is on. Choose them in the project's settings.",
    );
  return notes;
}

/** `name copy`, or `name copy 2` and so on where a workflow is called so. */
async function freeName({ db, project }: Context, of: string): Promise<string> {
  const rows = await db
    .select({ name: workflows.name })
    .from(workflows)
    .where(and(eq(workflows.projectId, project.id), isNull(workflows.deletedAt)));
  const taken = new Set(rows.map(({ name }) => name));
  const base = `${of.slice(0, limits.itemName - 12)} copy`;
  let free = base;
  for (let n = 2; taken.has(free); n++) free = `${base} ${n}`;
  return free;
}
