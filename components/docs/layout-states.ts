import dagre from "@dagrejs/dagre";
import type { Machine } from "@/lib/workflow/states";

export const chipSize = { width: 100, height: 24 };
const padding = 8;
const gap = 6;
const dot = 14;
const causeWidth = 92;
const lineHeight = 15;
const lettersPerLine = 15;
/** What fits on a desk without scrolling. */
const desk = 1120;

type Box = { x: number; y: number; width: number; height: number };

export type Drawing<S extends string> = {
  width: number;
  height: number;
  /** Boxes of the states that the same ways lead to and from. */
  groups: (Box & { states: S[] })[];
  /** What happened, between the states. */
  causes: (Box & { text: string })[];
  /** Where it begins, and where a row is taken away. */
  dots: (Box & { kind: "begin" | "gone" })[];
  /** SVG paths; the second half of a way has the arrow. */
  lines: { path: string; hasArrow: boolean }[];
};

/** Lays a machine out from left to right: states, and between them what happened. Unused states are left out. */
export function layoutStates<S extends string>(machine: Machine<S>): Drawing<S> {
  const wide = layoutApart(machine, 36);
  return wide.width <= desk ? wide : layoutApart(machine, 20);
}

function layoutApart<S extends string>(machine: Machine<S>, ranksep: number): Drawing<S> {
  const plan = new dagre.graphlib.Graph()
    .setGraph({ rankdir: "LR", nodesep: 16, ranksep, marginx: 2, marginy: 6 })
    .setDefaultEdgeLabel(() => ({}));
  const groups = groupsOf(machine);
  for (const [id, states] of groups) plan.setNode(id, sizeOf(states.length));
  for (const [index, way] of machine.ways.entries()) {
    plan.setNode(cause(index), { width: causeWidth, height: linesOf(way.by) * lineHeight + 4 });
    for (const from of idsOf(groups, way.from, "begin")) join(plan, from, cause(index));
    for (const to of idsOf(groups, way.to, "gone")) join(plan, cause(index), to);
  }
  dagre.layout(plan);
  const { width = 0, height = 0 } = plan.graph();
  const box = (id: string): Box => {
    const node = plan.node(id);
    return { x: node.x, y: node.y, width: node.width, height: node.height };
  };
  return {
    width,
    height,
    groups: [...groups].map(([id, states]) => ({ ...box(id), states })),
    causes: machine.ways.map(({ by }, index) => ({ ...box(cause(index)), text: by })),
    dots: (["begin", "gone"] as const)
      .filter((id) => plan.hasNode(id))
      .map((id) => ({ ...box(id), kind: id })),
    lines: plan.edges().map((edge) => ({
      path: line(box(edge.v), box(edge.w), plan.edge(edge).points),
      hasArrow: !edge.w.startsWith("by "),
    })),
  };
}

const cause = (index: number) => `by ${index}`;

const sizeOf = (count: number) => {
  const stacked = count * chipSize.height + (count - 1) * gap;
  const around = count > 1 ? 2 * padding : 0;
  return { width: chipSize.width + around, height: stacked + around };
};

/** States with the same ways in and out, in the order of the list of words. */
function groupsOf<S extends string>({ states, ways, unused }: Machine<S>): Map<string, S[]> {
  const groups = new Map<string, S[]>();
  for (const state of states.filter((one) => !unused.includes(one))) {
    const id = ways.map((way) => `${way.from.includes(state)}/${way.to.includes(state)}`).join(" ");
    groups.set(id, [...(groups.get(id) ?? []), state]);
  }
  return groups;
}

/** The nodes that hold these states; null is the dot. */
function idsOf<S extends string>(
  groups: Map<string, S[]>,
  states: readonly (S | null)[],
  dotId: string,
): string[] {
  const ids = [...groups]
    .filter(([, held]) => held.some((state) => states.includes(state)))
    .map(([id]) => id);
  return states.includes(null) ? [dotId, ...ids] : ids;
}

function join(plan: InstanceType<typeof dagre.graphlib.Graph>, from: string, to: string): void {
  for (const id of [from, to]) if (!plan.hasNode(id)) plan.setNode(id, { width: dot, height: dot });
  plan.setEdge(from, to);
}

/** How many lines the text takes when it is broken between words. */
function linesOf(text: string): number {
  let lines = 1;
  let used = 0;
  for (const word of text.split(" ")) {
    if (used > 0 && used + 1 + word.length > lettersPerLine) {
      lines += 1;
      used = word.length;
    } else used += (used > 0 ? 1 : 0) + word.length;
  }
  return lines;
}

type Point = { x: number; y: number };

/** Forwards from side to side; backwards around, where the layout says. */
function line(from: Box, to: Box, points: Point[]): string {
  const start = { x: from.x + from.width / 2, y: from.y };
  const end = { x: to.x - to.width / 2, y: to.y };
  if (start.x > end.x) return around(points);
  // With one point between, the ends are neighbours and it only says that they are.
  const between = points.length > 3 ? points.slice(1, -1) : [];
  return waves([start, ...between, end]);
}

/** Level at every point. */
function waves(points: Point[]): string {
  const parts = points.slice(1).map((point, index) => {
    const before = points[index] ?? point;
    const middle = (before.x + point.x) / 2;
    return `C ${at({ x: middle, y: before.y })} ${at({ x: middle, y: point.y })} ${at(point)}`;
  });
  return [`M ${at(points[0] ?? { x: 0, y: 0 })}`, ...parts].join(" ");
}

/** Through the middles between the points, bent at the points. */
function around(points: Point[]): string {
  const [start, ...rest] = points;
  const end = rest.pop();
  if (!start || !end) return "";
  const bends = rest.map((point, index) => {
    const next = rest[index + 1];
    const until = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : end;
    return `Q ${at(point)} ${at(until)}`;
  });
  return [`M ${at(start)}`, ...bends].join(" ");
}

const at = ({ x, y }: Point) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
