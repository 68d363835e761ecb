import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { named } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import type { Plan, Wanted } from "@/lib/domain/provision/plan";
import { provision } from "@/lib/domain/provision/provision";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { graphDifference, namesOf } from "@/lib/domain/workflow/difference";
import { differenceOfGraphs, type Names } from "@/lib/workflow/difference";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { digestOf, filesInput, readFiles } from "./plan";

export const specPreview = z
  .strictObject({
    format: z.string().meta({ description: "The form that the files are in: spec, v2 and so on." }),
    token: z.string().meta({ description: "Names what is shown here: only that is applied with it." }),
    report: z
      .array(z.string())
      .meta({ description: "What is taken over otherwise than the files say, a sentence each." }),
    workflows: z
      .array(
        z.strictObject({
          ...named.shape,
          change: z.enum(["made", "changed", "deleted"]),
          difference: graphDifference,
        }),
      )
      .meta({ description: "What would be different, workflow by workflow." }),
    others: z
      .array(z.string())
      .meta({ description: "What else would be different of the project, a sentence each." }),
    unchanged: z.int().meta({ description: "How many workflows of the files are as the project's." }),
    missing: z
      .array(named)
      .meta({ description: "Workflows that the files do not have: kept unless `remove` names them." }),
  })
  .meta({ id: "SpecPreview" });
export type SpecPreview = z.infer<typeof specPreview>;

/**
 * Says what files would change in the project, and changes nothing. Throws `invalid` with everything that is wrong with
 * them, and what `provision` throws.
 */
export async function previewFiles(
  ctx: Context,
  input: z.input<typeof filesInput>,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<SpecPreview> {
  requirePermission(ctx, "project.provision");
  const seed = randomUUID();
  const { format, payload, report, missing } = await readFiles(ctx, filesInput.parse(input), seed);
  let seen: Plan | undefined;
  const look = (plan: Plan) => {
    seen = plan;
  };
  const options = { source: "import", extensions: true, dryRun: true, look } as const;
  const { warnings } = await provision(ctx, payload, options, deps);
  if (!seen) throw new Error("The plan was not shown.");
  const kept = new Set(missing.map(({ id }) => id));
  return {
    format,
    token: `${seed}.${digestOf(seen)}`,
    report: [...report, ...warnings],
    workflows: await differencesOf(ctx, seen),
    others: othersOf(seen),
    unchanged: seen.workflows.filter(({ id, change }) => change === "none" && !kept.has(id)).length,
    missing,
  };
}

/** Collections, credentials and keychains: what a plan changes that is of no workflow. */
function othersOf({ collections, credentials }: Plan): string[] {
  const { links, newKeychains, changedKeychains } = credentials;
  return [
    ...collections.put.map(({ name, before }) =>
      before === null
        ? `The collection "${name}" is made.`
        : `The collection "${before}" is renamed to "${name}".`,
    ),
    ...links.map(({ name }) => `Your credential "${name}" is shared with the project.`),
    ...newKeychains.map(({ name }) => `The keychain "${name}" is made.`),
    ...changedKeychains.map(({ name }) => `The keychain "${name}" is changed.`),
  ];
}

/** Lines and edits of all workflows together: beyond them there is only the count. */
const shown = { lines: 6_000, edits: 4_000 };

async function differencesOf(ctx: Context, plan: Plan): Promise<SpecPreview["workflows"]> {
  const changes = plan.workflows.flatMap((wanted) => {
    const { id, change, graph, before } = wanted;
    return change === "none"
      ? []
      : [{ id, name: before?.graph.name ?? graph.name, change, ...graphsOf(wanted) }];
  });
  const names = await namesIn(
    ctx,
    plan,
    changes.flatMap(({ old, young }) => [old, young]),
  );
  const budget = { ...shown };
  return changes.map(({ old, young, ...workflow }) => ({
    ...workflow,
    difference: differenceOfGraphs(old, young, names, budget),
  }));
}

function graphsOf({ change, before, graph }: Wanted): { old: WorkflowGraph; young: WorkflowGraph } {
  const old = before?.graph ?? emptied(graph);
  return { old, young: change === "deleted" ? emptied(old) : graph };
}

const emptied = (graph: WorkflowGraph): WorkflowGraph => ({ ...graph, triggers: [], jobs: [], edges: [] });

/** What ids stand for, of what the plan would make, too. */
async function namesIn(
  ctx: Context,
  { credentials, library }: Plan,
  graphs: WorkflowGraph[],
): Promise<Names> {
  const known = await namesOf(ctx, graphs);
  const jobs = graphs.flatMap(({ name, jobs }) =>
    jobs.map((job): [string, string] => [job.id, `${name}: ${job.name}`]),
  );
  return new Map([
    ...jobs,
    ...known,
    ...credentials.links.map(({ id, name }): [string, string] => [id, name]),
    ...credentials.newKeychains.map(({ id, name }): [string, string] => [id, name]),
    ...[...library].map(([name, id]): [string, string] => [id, name]),
  ]);
}
