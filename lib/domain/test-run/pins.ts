import type { Context } from "@/lib/domain/context";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { currentPins, pinAdaptors } from "@/lib/domain/workflow/pin";
import { type DraftGraph, toGraph } from "@/lib/editor/graph";
import { downstreamJobs } from "@/lib/workflow/graph";
import type { NewTest } from "./insert";
import type { TestPins } from "./walkable";

/**
 * The adaptors of the jobs that a test may run: as they are pinned in the saved version where they are written the same,
 * else resolved. A job whose adaptor cannot be had is marked, and ends so. May ask the network: not within a transaction.
 */
export async function pinsOfDraft(
  ctx: Pick<Context, "db" | "project">,
  graph: DraftGraph,
  start: NewTest["start"],
  resolve: ResolveAdaptor,
): Promise<TestPins> {
  const following = "jobId" in start && start.alone ? [] : downstreamJobs(toGraph(graph), start);
  const reached = new Set("jobId" in start ? [start.jobId, ...following] : following);
  const wanted = { ...graph, jobs: graph.jobs.filter(({ id }) => reached.has(id)) };
  const known = await currentPins(ctx.db, ctx.project.id, wanted);
  const { jobs } = await pinAdaptors(wanted, resolve, known, () => {});
  return Object.fromEntries(jobs.map(({ id, adaptorVersion }) => [id, adaptorVersion]));
}
