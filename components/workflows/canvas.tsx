"use client";
import { type Node as FlowNode, Handle, type NodeProps, Position } from "@xyflow/react";
import { useMemo } from "react";
import { LacksAdaptor, StatusChip, stepStatus } from "@/components/ui/status-chip";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { Flow } from "./flow";
import { edgeTypes, flowEdges } from "./flow-edge";
import { nodeSize, type Plan, planGraph } from "./layout";
import { JobWords, NodeBox, TriggerWords } from "./node-box";

type TriggerData = { kind: "trigger"; trigger: WorkflowDetail["graph"]["triggers"][number] };
type JobData = { kind: "job"; job: WorkflowDetail["jobs"][number] };
type CanvasNode = FlowNode<TriggerData | JobData, "step">;

export type CanvasProps = {
  workflow: WorkflowDetail;
  selectedId: string | null;
  onSelect: (nodeId: string) => void;
};

/** The graph as it runs. The outline beside it says the same without a canvas. */
export function Canvas({ workflow, selectedId, onSelect }: CanvasProps) {
  const { graph } = workflow;
  const plan = useMemo(() => planGraph(graph), [graph]);
  const nodes = useMemo(() => makeNodes(workflow, plan, selectedId), [workflow, plan, selectedId]);
  const edges = useMemo(() => flowEdges(graph.edges, plan), [graph, plan]);
  return (
    <Flow
      places={plan.places}
      selectedId={selectedId}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodeClick={(_, node) => onSelect(node.id)}
    />
  );
}

function makeNodes(
  { graph, jobs }: WorkflowDetail,
  { places }: Plan,
  selectedId: string | null,
): CanvasNode[] {
  const place = (id: string) => ({
    id,
    type: "step" as const,
    position: places.get(id) ?? { x: 0, y: 0 },
    selected: id === selectedId,
    width: nodeSize.width,
  });
  return [
    ...graph.triggers.map((trigger) => ({
      ...place(trigger.id),
      data: { kind: "trigger" as const, trigger },
    })),
    ...jobs.map((job) => ({ ...place(job.id), data: { kind: "job" as const, job } })),
  ];
}

function Step({ data, selected }: NodeProps<CanvasNode>) {
  return (
    <NodeBox isTrigger={data.kind === "trigger"} isSelected={selected}>
      <Handle type="target" position={Position.Top} className="!invisible" />
      {data.kind === "trigger" ? <TriggerWords {...data.trigger} /> : <JobBox job={data.job} />}
      <Handle type="source" position={Position.Bottom} className="!invisible" />
    </NodeBox>
  );
}

const nodeTypes = { step: Step };

const JobBox = ({ job }: Pick<JobData, "job">) => (
  <JobWords name={job.name} adaptor={job.adaptor}>
    {job.lacksAdaptor ? <LacksAdaptor className="h-4.5 text-2xs" /> : null}
    {job.last ? <StatusChip status={stepStatus(job.last)} className="h-4.5 text-2xs" /> : null}
  </JobWords>
);
