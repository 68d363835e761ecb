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

const childrenOf = (node: AnyNode): AnyNode[] =>
  Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );

/** Flattens what acorn returned, in the order of the source. Returns which bound it exceeds, if one. */
export function flatten(root: AnyNode, maxDepth: number, maxNodes: number) {
  const parents = new Map<AnyNode, AnyNode>();
  const nodes: AnyNode[] = [];
  const pending: { node: AnyNode; depth: number }[] = [{ node: root, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, depth } = next;
    if (depth > maxDepth) return "depth";
    if (nodes.length + pending.length > maxNodes) return "size";
    nodes.push(node);
    const children = childrenOf(node);
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (!child) continue;
      parents.set(child, node);
      pending.push({ node: child, depth: depth + 1 });
    }
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
