"use client";
import {
  Background,
  Controls,
  type Edge as FlowEdge,
  type Node as FlowNode,
  Handle,
  MarkerType,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useTheme } from "next-themes";
import { useMemo } from "react";
import "@xyflow/react/dist/style.css";
import { cn } from "@/components/ui/cn";
import { LacksAdaptor, StatusChip, stepStatus } from "@/components/ui/status-chip";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import type { Edge } from "@/lib/workflow/types";
import { edgeWords, triggerName } from "./edge-words";
import { layoutGraph, nodeSize } from "./layout";
import { TriggerIcon } from "./trigger-icon";

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
  const { resolvedTheme } = useTheme();
  const nodes = useMemo(() => makeNodes(workflow, selectedId), [workflow, selectedId]);
  const edges = useMemo(() => workflow.graph.edges.map(makeEdge), [workflow]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      colorMode={resolvedTheme === "dark" ? "dark" : "light"}
      onNodeClick={(_, node) => onSelect(node.id)}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      zoomOnScroll={false}
      preventScrolling={false}
      fitView
      fitViewOptions={{ padding: 0.14, maxZoom: 1.1 }}
      aria-label="Workflow graph"
    >
      <Background gap={18} size={1} />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}

function makeNodes({ graph, jobs }: WorkflowDetail, selectedId: string | null): CanvasNode[] {
  const places = layoutGraph(graph);
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

function makeEdge(edge: Edge): FlowEdge {
  const isFailure = edge.conditionType === "on_job_failure";
  const stroke = isFailure ? "var(--destructive)" : "var(--input)";
  const isPlain = edge.conditionType === "always" && edge.enabled;
  return {
    id: edge.id,
    source: edge.sourceJobId ?? edge.sourceTriggerId ?? "",
    target: edge.targetJobId,
    ...(isPlain ? {} : { label: clip(edgeWords(edge)) }),
    labelStyle: { fill: "var(--foreground)", fontSize: 11 },
    labelBgPadding: [5, 3],
    labelBgBorderRadius: 3,
    labelBgStyle: { fill: "var(--card)" },
    style: { stroke, strokeWidth: 1.5, ...(edge.enabled ? {} : { strokeDasharray: "4 4" }) },
    markerEnd: { type: MarkerType.ArrowClosed, color: stroke, width: 16, height: 16 },
  };
}

const clip = (text: string) => (text.length > 32 ? `${text.slice(0, 31)}…` : text);

function Step({ data, selected }: NodeProps<CanvasNode>) {
  return (
    <div
      className={cn(
        "grid cursor-pointer gap-1 rounded-md border bg-card px-3 py-2 text-left shadow-[0_1px_2px_hsl(var(--shadow-color)/0.08)]",
        data.kind === "trigger" && "border-input/60 border-dashed bg-muted",
        selected && "border-accent outline-1 outline-accent",
      )}
    >
      <Handle type="target" position={Position.Top} className="!invisible" />
      {data.kind === "trigger" ? <TriggerBox trigger={data.trigger} /> : <JobBox job={data.job} />}
      <Handle type="source" position={Position.Bottom} className="!invisible" />
    </div>
  );
}

const nodeTypes = { step: Step };

function TriggerBox({ trigger }: Omit<TriggerData, "kind">) {
  return (
    <>
      <span className="flex items-center gap-1.5 font-medium text-[13px]">
        <TriggerIcon type={trigger.type} className="size-3.5 text-muted-foreground" />
        {triggerName(trigger.type)}
      </span>
      <span className="text-2xs text-muted-foreground">
        {trigger.enabled ? "switched on" : "switched off"}
      </span>
    </>
  );
}

function JobBox({ job }: Omit<JobData, "kind">) {
  return (
    <>
      <span className="truncate font-medium text-[13px]">{job.name}</span>
      <span className="flex items-center justify-between gap-2">
        <span className="truncate text-2xs text-muted-foreground">
          {job.adaptor.replace(/^@openfn\/language-/, "")}
        </span>
        {job.lacksAdaptor ? <LacksAdaptor className="h-4.5 text-2xs" /> : null}
        {job.last ? <StatusChip status={stepStatus(job.last)} className="h-4.5 text-2xs" /> : null}
      </span>
    </>
  );
}
