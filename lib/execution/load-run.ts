import type { Database } from "@/db/client";
import type { RunState } from "@/lib/words";
import { decideEdges, expressionsFrom } from "@/lib/workflow/conditions";
import { isFinal } from "@/lib/workflow/status";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { WalkStart } from "@/lib/workflow/walk";
import type { ExecutionHost } from "./host";
import { type MessageInput, stateOfMessage } from "./input";

/** A run that is to be executed, with everything its steps share. */
export type ExecutableRun = {
  id: string;
  projectId: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
  graph: WorkflowGraph;
  start: WalkStart;
  /** The run's own input, as JSON text. */
  input: string;
  inputDataclipId: string | null;
  /** Hosts the project allows, null = any public one. */
  onlyHosts: string[] | null;
};

type Row = {
  id: string;
  project_id: string;
  workflow_id: string;
  work_order_id: string;
  message_id: string | null;
  snapshot_id: string;
  state: RunState;
  starting_trigger_id: string | null;
  starting_job_id: string | null;
  dataclip_id: string | null;
  egress_allow: string[] | null;
  clip: string | null;
} & { [K in keyof MessageInput]: MessageInput[K] | null };

/**
 * Loads a run for execution. Null when there is nothing to do: unknown or already final. Throws `WipedInputError` when
 * its input is gone.
 */
export async function loadRun(host: ExecutionHost, runId: string): Promise<ExecutableRun | null> {
  const [row] = await host.database.query<Row>(
    `select r.id, r.project_id, r.workflow_id, r.work_order_id, r.message_id, r.snapshot_id, r.state, r.starting_trigger_id,
       r.starting_job_id, coalesce(r.dataclip_id, case when r.message_id is null then w.dataclip_id end) as dataclip_id,
       p.egress_allow, d.body as clip, m.method, m.path, m.query, m.headers, m.format, m.body, m.view
     from runs r
     join projects p on p.id = r.project_id
     join work_orders w on w.id = r.work_order_id
     left join messages m on m.id = r.message_id and r.dataclip_id is null
     left join dataclips d on d.id = coalesce(r.dataclip_id, case when r.message_id is null then w.dataclip_id end)
     where r.id = $1`,
    [runId],
    "load-run",
  );
  if (!row || isFinal(row.state)) return null;
  const graph = await snapshotGraph(host.database, row.snapshot_id);
  const input = inputOf(row);
  return {
    id: row.id,
    projectId: row.project_id,
    workflowId: row.workflow_id,
    workOrderId: row.work_order_id,
    messageId: row.message_id,
    graph,
    input,
    inputDataclipId: row.dataclip_id,
    onlyHosts: row.egress_allow,
    start: row.starting_job_id
      ? { jobId: row.starting_job_id }
      : await triggerStart(host, row.project_id, graph, row.starting_trigger_id ?? "", input),
  };
}

export class WipedInputError extends Error {}

function inputOf(row: Row): string {
  if (row.dataclip_id) {
    if (row.clip === null) throw new WipedInputError("The input of this run was wiped by retention.");
    return row.clip;
  }
  const { method, path, query, headers, format, body } = row;
  if (!method || !path || !query || !headers || !format || !body)
    throw new WipedInputError("The message of this run was deleted.");
  return stateOfMessage({ method, path, query, headers, format, body, view: row.view });
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

const cacheSize = 500;
const graphs = new Map<string, WorkflowGraph>();

/** Snapshots never change, so the last few hundred are kept. */
async function snapshotGraph(database: Database, id: string): Promise<WorkflowGraph> {
  const known = graphs.get(id);
  if (known) return known;
  const [row] = await database.query<{ graph: WorkflowGraph }>(
    "select graph from snapshots where id = $1",
    [id],
    "load-graph",
  );
  if (!row) throw new Error(`Snapshot ${id} does not exist.`);
  if (graphs.size >= cacheSize) graphs.delete(graphs.keys().next().value ?? "");
  graphs.set(id, row.graph);
  return row.graph;
}
