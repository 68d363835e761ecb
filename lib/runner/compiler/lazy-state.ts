import type { AnyNode } from "acorn";
import { awaitsHere, errorAt, type Job } from "./job";

const outsideOperation =
  "The Lazy State operation must be used inside a top-level operation, like fn(). It cannot be used inside a regular JavaScript statement because no valid state reference is available.";

const lazyError = (job: Job, node: AnyNode, message: string, hint: string) =>
  errorAt(job, node, "SyntaxError", `Lazy State Error: ${message}`, {
    name: "LazyStateError",
    hint,
    withPlace: true,
  });

/** The variable at the root of `a.b().c`. */
function rootName(node: AnyNode): string | undefined {
  let at = node;
  for (;;) {
    if (at.type === "MemberExpression") at = at.object;
    else if (at.type === "CallExpression") at = at.callee;
    else if (at.type === "ChainExpression" || at.type === "ParenthesizedExpression") at = at.expression;
    else return at.type === "Identifier" ? at.name : undefined;
  }
}

/** The argument around `$` that becomes a function of state: that of the nearest call which is not `$`'s own. */
function argumentAround(job: Job, id: AnyNode): AnyNode {
  const member = job.tree.parentOf(id) ?? id;
  let argument = id;
  for (let at: AnyNode | undefined = member; at; at = job.tree.parentOf(at)) {
    if (at.type === "CallExpression" && at.callee !== argument && rootName(at.callee) !== "$")
      return argument;
    if (/Statement$|Declaration$|^(Program|StaticBlock|PropertyDefinition)$/.test(at.type)) break;
    argument = at;
  }
  throw lazyError(job, member, "Must be inside an operation", outsideOperation);
}

/** True for `state => …`, which needs no wrapping; throws for an arrow that cannot be given the state. */
function isStateFunction(job: Job, node: AnyNode): boolean {
  if (node.type !== "ArrowFunctionExpression") return false;
  const hint = "Write state => state.data instead of $.data inside a function.";
  const [first] = node.params;
  if (node.params.length !== 1 || !first) throw lazyError(job, node, "parent has wrong arity", hint);
  const name = first.type === "Identifier" ? first.name : "";
  if (name !== "state") throw lazyError(job, node, `parameter "${name}" should be called "state"`, hint);
  return true;
}

/** `get($.data.id)` → `get((state)=>(state.data.id))`, once an argument. */
export function rewriteLazyState(job: Job) {
  if (!job.source.includes("$")) return;
  const wrapped = job.lazyArguments;
  for (const node of job.tree.nodes) {
    if (node.type !== "Identifier" || node.name !== "$") continue;
    const parent = job.tree.parentOf(node);
    if (parent?.type !== "MemberExpression" || parent.object !== node) continue;
    if (job.scopes.isDeclaredAt("$", node)) continue;
    const argument = argumentAround(job, node);
    job.edits.update(node.start, node.end, "state");
    if (wrapped.has(argument) || isStateFunction(job, argument)) continue;
    wrapped.add(argument);
    if (argument.type === "SpreadElement" || awaitsHere(job, argument)) {
      throw lazyError(
        job,
        parent,
        "Cannot be spread or awaited",
        "Pass state => … and do this inside the function.",
      );
    }
    job.edits.appendRight(argument.start, "(state)=>(");
    job.edits.appendLeft(argument.end, ")");
  }
}
