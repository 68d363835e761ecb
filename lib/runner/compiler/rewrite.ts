import type { AnyNode } from "acorn";
import { errorAt, type Job } from "./job";
import { isFunction, isOwnThis, type Tree } from "./tree";

/** Whether no function stands between this node and the top; arrows do not count when asked about `this`. */
function isAtTop(tree: Tree, node: AnyNode, ownsIt: (node: AnyNode) => boolean): boolean {
  for (let at = tree.parentOf(node); at; at = tree.parentOf(at)) if (ownsIt(at)) return false;
  return true;
}

/** The `await`s outside every function, and every node around one of them. */
export function findTopAwaits(tree: Tree): { first: AnyNode | undefined; around: Set<AnyNode> } {
  const awaits = tree.nodes.filter(
    (node) => node.type === "AwaitExpression" && isAtTop(tree, node, (n) => isFunction(n) || isOwnThis(n)),
  );
  const around = new Set<AnyNode>();
  for (const node of awaits) {
    for (let at: AnyNode | undefined = node; at && !around.has(at); at = tree.parentOf(at)) around.add(at);
  }
  return { first: awaits[0], around };
}

/** The differences between a module and a function in a script that one token decides. */
export function rewriteTokens(
  job: Pick<Job, "source" | "tree" | "edits" | "lines">,
  loadLater: string | null,
) {
  if (job.source.startsWith("#!")) job.edits.update(0, 2, "//");
  for (const node of job.tree.nodes) {
    if (node.type === "MetaProperty" && node.meta.name === "import") {
      throw errorAt(job, node, "SecurityError", "import.meta is not available");
    }
    if (node.type === "ImportExpression") {
      if (!loadLater) throw errorAt(job, node, "SecurityError", "import() is not available in a condition");
      job.edits.update(node.start, node.start + "import".length, loadLater);
    }
    // A module has no `this`; a script's would be the global object.
    if (node.type === "ThisExpression" && isAtTop(job.tree, node, isOwnThis)) {
      job.edits.update(node.start, node.end, "(void 0)");
    }
    // `a<!--b` is an expression in a module and a comment in a script.
    if (node.type === "UnaryExpression" && job.source.startsWith("<!--", node.start - 1)) {
      job.edits.appendLeft(node.start, " ");
    }
  }
}
