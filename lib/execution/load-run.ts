import { LruMap } from "@/lib/lru-map";
import { GoneError, stateOf } from "@/lib/state/kept";
import type { SecretState } from "@/lib/state/sealed";
import { decideEdges, expressionsFrom } from "@/lib/workflow/conditions";
import { stateOfMessage } from "@/lib/workflow/message-state";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { WalkStart } from "@/lib/workflow/walk";
import type { ExecutionHost } from "./host";
import type { StoredRun } from "./storage";

/** A run that is to be executed, with everything its steps share. */
export type ExecutableRun = {
  id: string;
  projectId: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
  graph: WorkflowGraph;
  start: WalkStart;
  /** The run's own input, and what is not to be shown of it. */
  input: SecretState;
  inputDataclipId: string | null;
  /** Hosts the project allows, null = any public one. */
  onlyHosts: string[] | null;
};

/**
 * Loads a run for execution. Null when there is nothing to do: unknown or already final. Throws `GoneError` when
 * its input is gone.
 */
export async function loadRun(host: ExecutionHost, runId: string): Promise<ExecutableRun | null> {
  const [stored] = await host.storage.loadRuns([runId]);
  if (!stored) return null;
  const graph = await snapshotGraph(host, stored);
  const input = await inputOf(stored);
  const { startingJobId, startingTriggerId, dataclipId, projectId } = stored;
  const { id, workflowId, workOrderId, messageId, onlyHosts } = stored;
  return {
    ...{ id, projectId, workflowId, workOrderId, messageId, onlyHosts, graph, input },
    inputDataclipId: dataclipId,
    start: startingJobId
      ? { jobId: startingJobId }
      : await triggerStart(host, projectId, graph, startingTriggerId ?? "", input.text),
  };
}

async function inputOf({ projectId, dataclipId, clip, message }: StoredRun): Promise<SecretState> {
  if (dataclipId) return stateOf(projectId, clip);
  if (!message) throw new GoneError("Its message was deleted.");
  return { text: await stateOfMessage(message), hidden: [] };
}

/** A trigger edge whose expression cannot be decided is not followed from a run, it crashes it: reported as such. */
export class TriggerConditionError extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

async function triggerStart(
  host: ExecutionHost,
  projectId: string,
  graph: WorkflowGraph,
  triggerId: string,
  input: string,
): Promise<WalkStart> {
  const node = { triggerId };
  const expressions = expressionsFrom(graph, node);
  const decisions = expressions.length > 0 ? await host.runner.evaluate(projectId, input, expressions) : {};
  const decided = decideEdges(graph, node, "success", decisions);
  if ("undecided" in decided) {
    const { error } = decided.undecided;
    throw new TriggerConditionError(
      error?.type ?? "EdgeConditionError",
      error?.message ?? "The condition on an edge that leaves the trigger could not be evaluated.",
    );
  }
  return { triggerId, takenEdgeIds: decided.takenEdgeIds };
}

const maxKeptChars = 50_000_000;
const graphs = new LruMap<string, WorkflowGraph>(500, maxKeptChars);

const charsOf = ({ jobs }: WorkflowGraph) => jobs.reduce((sum, { body }) => sum + body.length, 0);

/** Snapshots never change, so the last few hundred are kept. */
async function snapshotGraph(
  { storage }: ExecutionHost,
  { projectId, snapshotId: id }: StoredRun,
): Promise<WorkflowGraph> {
  const known = graphs.get(id);
  if (known) return known;
  const graph = await storage.loadGraph(projectId, id);
  graphs.set(id, graph, charsOf(graph));
  return graph;
}
