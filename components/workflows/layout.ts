import dagre from "@dagrejs/dagre";
import type { WorkflowGraph } from "@/lib/workflow/types";

export const nodeSize = { width: 208, height: 60 };

/** Where each node stands, top left corner: as saved, or laid out from the trigger down where any place is missing. */
export function layoutGraph(graph: WorkflowGraph): Map<string, { x: number; y: number }> {
  const ids = [...graph.triggers, ...graph.jobs].map((node) => node.id);
  const saved = graph.positions ?? {};
  if (ids.length > 0 && ids.every((id) => saved[id]))
    return new Map(ids.map((id) => [id, saved[id] ?? { x: 0, y: 0 }]));
  const plan = new dagre.graphlib.Graph()
    .setGraph({ rankdir: "TB", nodesep: 44, ranksep: 64 })
    .setDefaultEdgeLabel(() => ({}));
  for (const id of ids) plan.setNode(id, { ...nodeSize });
  for (const edge of graph.edges) {
    const source = edge.sourceJobId ?? edge.sourceTriggerId;
    if (source && plan.hasNode(source) && plan.hasNode(edge.targetJobId))
      plan.setEdge(source, edge.targetJobId);
  }
  dagre.layout(plan);
  return new Map(
    ids.map((id) => {
      const { x, y } = plan.node(id);
      return [id, { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 }];
    }),
  );
}
