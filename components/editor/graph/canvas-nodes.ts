import { type Node, Position } from "@xyflow/react";
import { nodeSize, type Plan } from "@/components/workflows/layout";
import type { DraftGraph } from "@/lib/editor/graph";
import type { TriggerType } from "@/lib/words";

export type NodeData =
  | { kind: "trigger"; type: TriggerType; enabled: boolean; problem: string | null }
  | { kind: "job"; name: string; adaptor: string; problem: string | null };
export type EditorNode = Node<NodeData, "editable">;

const handle = { width: 1, height: 1, x: nodeSize.width / 2 };
const handles = [
  { ...handle, type: "target" as const, position: Position.Top, y: 0 },
  { ...handle, type: "source" as const, position: Position.Bottom, y: nodeSize.height },
];

/**
 * Makes the canvas's nodes. What shows the same as before is the same object, so that whoever types the code of one job draws
 * no node again, and whoever selects one draws two.
 */
export class NodeMaker {
  #before = new Map<string, EditorNode>();

  nodes(
    { triggers, jobs }: Pick<DraftGraph, "triggers" | "jobs">,
    { places }: Plan,
    selectedId: string | null,
    problemOf: (id: string) => string | null,
  ): EditorNode[] {
    const made = new Map<string, EditorNode>();
    const add = (id: string, data: NodeData) => {
      const { x, y } = places.get(id) ?? { x: 0, y: 0 };
      const node = { id, position: { x, y }, selected: id === selectedId, data };
      const before = this.#before.get(id);
      made.set(id, before && isSame(before, node) ? before : { ...node, ...fixed });
    };
    for (const { id, type, enabled } of triggers)
      add(id, { kind: "trigger", type, enabled, problem: problemOf(id) });
    for (const { id, name, adaptor } of jobs) add(id, { kind: "job", name, adaptor, problem: problemOf(id) });
    this.#before = made;
    return [...made.values()];
  }
}

/** Known beforehand, so that nothing is measured, also of nodes that are not on the screen. */
const fixed = { type: "editable" as const, ...nodeSize, measured: nodeSize, handles };

function isSame(one: EditorNode, other: Pick<EditorNode, "position" | "selected" | "data">): boolean {
  return (
    one.selected === other.selected &&
    one.position.x === other.position.x &&
    one.position.y === other.position.y &&
    Object.entries(other.data).every(([key, value]) => Reflect.get(one.data, key) === value)
  );
}
