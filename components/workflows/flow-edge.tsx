"use client";
import {
  BaseEdge,
  EdgeLabelRenderer,
  type EdgeProps,
  type Edge as FlowEdge,
  MarkerType,
} from "@xyflow/react";
import { cn } from "@/components/ui/cn";
import type { Edge } from "@/lib/workflow/types";
import { edgeWords } from "./edge-words";
import type { Place, Plan } from "./layout";

export type EdgeData = {
  bends: readonly Place[];
  label: string | null;
  /** Whether the label stands at the end, where edges that leave one node have parted, or where it begins. */
  isLabelLate: boolean;
  isWrong: boolean;
};
export type CanvasEdge = FlowEdge<EdgeData, "bent">;

/** Edges as the canvas draws them. `wrong`: ids of those with which something is wrong. */
export function flowEdges(
  edges: readonly Edge[],
  { bends }: Plan,
  { selectedId = null, wrong = new Set() }: { selectedId?: string | null; wrong?: ReadonlySet<string> } = {},
): CanvasEdge[] {
  const leaving = countBy(edges, sourceOf);
  const arriving = countBy(edges, ({ targetJobId }) => targetJobId);
  return edges.map((edge) => {
    const isLabelLate = (leaving.get(sourceOf(edge)) ?? 0) > 1 || (arriving.get(edge.targetJobId) ?? 0) < 2;
    return flowEdge(edge, {
      bends: bends.get(edge.id) ?? straight,
      isLabelLate,
      isSelected: edge.id === selectedId,
      isWrong: wrong.has(edge.id),
    });
  });
}

const straight: readonly Place[] = [];
const sourceOf = ({ sourceJobId, sourceTriggerId }: Edge) => sourceJobId ?? sourceTriggerId ?? "";

function countBy(edges: readonly Edge[], keyOf: (edge: Edge) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const edge of edges) counts.set(keyOf(edge), (counts.get(keyOf(edge)) ?? 0) + 1);
  return counts;
}

type Look = Pick<EdgeData, "bends" | "isLabelLate" | "isWrong"> & { isSelected: boolean };

function flowEdge(edge: Edge, { isSelected, ...look }: Look): CanvasEdge {
  const isRed = edge.conditionType === "on_job_failure" || look.isWrong;
  const stroke = isSelected ? "var(--accent)" : isRed ? "var(--destructive)" : "var(--input)";
  const isPlain = edge.conditionType === "always" && edge.enabled;
  return {
    id: edge.id,
    type: "bent",
    source: sourceOf(edge),
    target: edge.targetJobId,
    selected: isSelected,
    data: { ...look, label: isPlain ? null : clip(edgeWords(edge)) },
    style: {
      stroke,
      strokeWidth: isSelected ? 2.25 : 1.5,
      ...(edge.enabled ? {} : { strokeDasharray: "4 4" }),
    },
    markerEnd: { type: MarkerType.ArrowClosed, color: stroke, width: 16, height: 16 },
  };
}

const clip = (text: string) => (text.length > 32 ? `${text.slice(0, 31)}…` : text);

/** An edge on its way past other nodes, with its condition. */
function BentEdge({
  id,
  sourceX,
  sourceY,
  targetX,
  targetY,
  data,
  style,
  markerEnd,
  selected,
}: EdgeProps<CanvasEdge>) {
  const points = [{ x: sourceX, y: sourceY }, ...(data?.bends ?? straight), { x: targetX, y: targetY }];
  const label = data?.label;
  const at = labelPlace(points, data?.isLabelLate ?? true);
  return (
    <>
      <BaseEdge
        id={id}
        path={pathOf(points)}
        {...(style ? { style } : {})}
        {...(markerEnd ? { markerEnd } : {})}
      />
      {label ? (
        <EdgeLabelRenderer>
          <span
            className={cn(
              "nopan pointer-events-none absolute rounded-sm bg-card px-1 py-px text-2xs",
              selected && "text-accent",
            )}
            style={{ transform: `translate(-50%,-50%) translate(${at.x}px,${at.y}px)` }}
          >
            {label}
          </span>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
}

/** Down, and to the side between the rows. */
export function pathOf(points: readonly Place[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let from = first;
  return rest.reduce((path, to) => {
    const middle = (from.y + to.y) / 2;
    const next = `${path} C ${from.x},${middle} ${to.x},${middle} ${to.x},${to.y}`;
    from = to;
    return next;
  }, `M ${first.x},${first.y}`);
}

/** On the first or the last curve, nearer to the end where it is alone. */
function labelPlace(points: readonly Place[], isLate: boolean): Place {
  const pair = isLate ? points.slice(-2) : points.slice(0, 2);
  const [from = { x: 0, y: 0 }, to = from] = pair;
  const share = isLate ? { x: 0.86, y: 0.62 } : { x: 0.14, y: 0.38 };
  return { x: from.x + (to.x - from.x) * share.x, y: from.y + (to.y - from.y) * share.y };
}

export const edgeTypes = { bent: BentEdge };
