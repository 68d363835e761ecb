import type { AnyNode, Program } from "acorn";

/** A parsed text as a flat list: every pass loops over it, so that no nesting can exhaust the stack. */
export type Tree = {
  program: Program;
  /** Parents before children, in the order of the source. */
  nodes: AnyNode[];
  parentOf(node: AnyNode): AnyNode | undefined;
};

const isNode = (value: unknown): value is AnyNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** Kept at the node itself: a map of a million nodes costs more than all the rest of compiling. */
const parent = Symbol("parent");
type Linked = AnyNode & { [parent]?: AnyNode };

function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const value of Object.values(node)) {
    if (isNode(value)) children.push(value);
    else if (Array.isArray(value)) for (const one of value) if (isNode(one)) children.push(one);
  }
  return children;
}

/** Flattens what acorn returned, in the order of the source. Returns which bound it exceeds, if one. */
export function flatten(root: AnyNode, maxDepth: number, maxNodes: number) {
  const nodes: AnyNode[] = [];
  const pending: Linked[] = [root];
  const depths = [0];
  for (let node = pending.pop(); node; node = pending.pop()) {
    const depth = depths.pop() ?? 0;
    if (depth > maxDepth) return "depth";
    if (nodes.length + pending.length > maxNodes) return "size";
    nodes.push(node);
    const children: Linked[] = childrenOf(node);
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (!child) continue;
      child[parent] = node;
      pending.push(child);
      depths.push(depth + 1);
    }
  }
  return { nodes, parentOf: (node: Linked) => node[parent] };
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
