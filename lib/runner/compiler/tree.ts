import type { AnyNode, Program } from "acorn";

/** A parsed text as a flat list: every pass loops over it, so that no nesting can exhaust the stack. */
export type Tree = {
  program: Program;
  /** Parents before children. */
  nodes: AnyNode[];
  parentOf(node: AnyNode): AnyNode | undefined;
};

const isNode = (value: unknown): value is AnyNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** Flattens what acorn returned. Returns which bound it exceeds, if one. */
export function flatten(root: AnyNode, maxDepth: number, maxNodes: number) {
  const parents = new Map<AnyNode, AnyNode>();
  const nodes: AnyNode[] = [];
  let level: AnyNode[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return "depth";
    if (nodes.length + level.length > maxNodes) return "size";
    const next: AnyNode[] = [];
    for (const node of level) {
      nodes.push(node);
      const add = (child: unknown) => {
        if (!isNode(child)) return;
        parents.set(child, node);
        next.push(child);
      };
      for (const value of Object.values(node)) {
        if (Array.isArray(value)) value.forEach(add);
        else add(value);
      }
    }
    level = next;
  }
  return { nodes, parentOf: (node: AnyNode) => parents.get(node) };
}

export const isFunction = (node: AnyNode) =>
  node.type === "ArrowFunctionExpression" ||
  node.type === "FunctionExpression" ||
  node.type === "FunctionDeclaration";

/** A node with a `this` (and an `await`) of its own; class bodies run as functions too. */
export const isOwnThis = (node: AnyNode) =>
  node.type === "FunctionExpression" ||
  node.type === "FunctionDeclaration" ||
  node.type === "PropertyDefinition" ||
  node.type === "StaticBlock";
