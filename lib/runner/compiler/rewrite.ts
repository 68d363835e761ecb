import type { AnyNode } from "acorn";
import { errorAt, type Job } from "./job";
import { isFunction, isOwnThis, type Tree } from "./tree";

/** Whether no function stands between this node and the top; arrows do not count when asked about `this`. */
function isAtTop(tree: Tree, node: AnyNode, ownsIt: (node: AnyNode) => boolean): boolean {
  for (let at = tree.parentOf(node); at; at = tree.parentOf(at)) if (ownsIt(at)) return false;
  return true;
}

/** The `await`s that wait in the body itself. */
export const topAwaits = (tree: Tree): AnyNode[] =>
  tree.nodes.filter(
    (node) => node.type === "AwaitExpression" && isAtTop(tree, node, (n) => isFunction(n) || isOwnThis(n)),
  );

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
