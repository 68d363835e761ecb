import { stringifyExact } from "@/lib/exact-json";
import { jsonShape } from "@/lib/json-shape";
import { limits, refuseGrowth, utf8Bytes } from "@/lib/limits";
import type { TriggerNode, WorkflowGraph } from "@/lib/workflow/types";

const none: Pick<WorkflowGraph, "jobs" | "triggers"> = { jobs: [], triggers: [] };

/** Throws `invalid` when a workflow's code or a filter is longer than it may be, and than in the version before. */
export function refuseGrownGraph(graph: WorkflowGraph, before: WorkflowGraph | null): void {
  const old = before ?? none;
  refuseGrowth("workflowCode", codeOf(graph), codeOf(old), `The workflow "${graph.name}"`);
  for (const trigger of graph.triggers) {
    const now = filterOf(trigger);
    const then = filterOf(old.triggers.find(({ id }) => id === trigger.id));
    const whose = `The ${trigger.type} trigger of "${graph.name}"`;
    refuseGrowth("filterBytes", now.bytes, then.bytes, whose);
    refuseGrowth("filterLevels", now.levels, then.levels, whose);
  }
}

const codeOf = ({ jobs }: Pick<WorkflowGraph, "jobs">) =>
  jobs.reduce((sum, { body }) => sum + utf8Bytes(body), 0);

function filterOf(trigger: TriggerNode | undefined) {
  const most = { levels: limits.requestLevels + 2 };
  const texts = [trigger?.inclusion, trigger?.exclusion].map((filter) =>
    filter === null || filter === undefined ? "" : stringifyExact(filter),
  );
  return {
    bytes: texts.reduce((sum, text) => sum + utf8Bytes(text), 0),
    levels: Math.max(...texts.map((text) => jsonShape(text, most).levels)),
  };
}
