import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { parseAdaptor } from "@/lib/domain/workflow/adaptors";
import { codeProblems, isSwitchedOn } from "@/lib/domain/workflow/compiled";
import { graphDifference, namesOf } from "@/lib/domain/workflow/difference";
import { currentPins, type Pins } from "@/lib/domain/workflow/pin";
import { presentWorkflow } from "@/lib/domain/workflow/present";
import { answeredProblem, graphProblem, type StoredProblem } from "@/lib/domain/workflow/problems";
import { type DraftGraph, toGraph } from "@/lib/editor/graph";
import { notFound, Refusal } from "@/lib/refusal";
import { differenceOfGraphs } from "@/lib/workflow/difference";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { validateGraph } from "@/lib/workflow/validate-graph";
import { findDraft } from "./get";
import { personOf } from "./owner";
import { draftPlace } from "./schemas";

/** What saving a draft as a version would change, and what keeps it from being saved. */
export const draftDifference = z
  .strictObject({
    revision: z.int(),
    baseVersion: z.int(),
    lockVersion: z.int().meta({ description: "The present version, which it is compared with." }),
    difference: graphDifference,
    problems: z.array(graphProblem),
  })
  .meta({ id: "DraftDifference" });
export type DraftDifference = z.infer<typeof draftDifference>;

/** Compares the caller's draft with the present version and says what is wrong with it. Throws `not_found`. */
export async function getDraftDifference(
  ctx: Context,
  input: z.input<typeof draftPlace>,
): Promise<DraftDifference> {
  requirePermission(ctx, "workflow.read");
  const { workflowId } = draftPlace.parse(input);
  personOf(ctx);
  const [draft, present] = await Promise.all([findDraft(ctx, workflowId), presentWorkflow(ctx, workflowId)]);
  if (!draft) throw notFound("Your draft");
  const graph = pinned(draft.graph, await currentPins(ctx.db, ctx.project.id, draft.graph));
  const names = await namesOf(ctx, [present.graph, graph]);
  const weight = isSwitchedOn(graph) ? "refuses" : "warns";
  return {
    revision: draft.revision,
    baseVersion: draft.baseVersion,
    lockVersion: present.lockVersion,
    difference: differenceOfGraphs(present.graph, graph, names),
    problems: [
      ...[...validateGraph(graph), ...adaptorProblems(graph)].map((one) => answeredProblem(one)),
      ...(await codeProblems(ctx, graph)).map((one) => answeredProblem(one, weight)),
    ],
  };
}

/** Nobody is asked about adaptors here: those that are written as they were keep their versions. */
function pinned(draft: DraftGraph, pins: Pins): WorkflowGraph {
  const graph = toGraph(draft);
  const jobs = graph.jobs.map((job) => {
    const pin = pins.get(job.id);
    return { ...job, adaptorVersion: pin?.adaptor === job.adaptor ? pin.version : exactVersion(job.adaptor) };
  });
  return { ...graph, jobs };
}

function exactVersion(adaptor: string): string | null {
  const spec = /@(\d+\.\d+\.\d+[\w.+-]*)$/.exec(adaptor)?.[1];
  return spec ?? null;
}

const adaptorProblems = ({ jobs }: WorkflowGraph): StoredProblem[] =>
  jobs.flatMap(({ id, adaptor }) => {
    try {
      parseAdaptor(adaptor);
      return [];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return [{ item: "job" as const, itemId: id, field: "adaptor", message: error.message }];
    }
  });
