import type { AnyNode, CallExpression } from "acorn";
import { errorAt, type Job } from "./job";

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

/**
 * Finds the argument around `$` that becomes a function of state: that of the nearest call which is not `$`'s own.
 * Remembers what it met, so that thousands of `$` in one deep argument cost no more than one each.
 */
function argumentFinder(job: Job) {
  const found = new Map<AnyNode, AnyNode>();
  const known = new Map<CallExpression, boolean>();
  const isStateCall = (call: CallExpression) => {
    const isState = known.get(call) ?? rootName(call.callee) === "$";
    known.set(call, isState);
    return isState;
  };
  const climb = (start: AnyNode, path: AnyNode[]): AnyNode | undefined => {
    let argument = start;
    for (let at = job.tree.parentOf(start); at; at = job.tree.parentOf(at)) {
      const before = found.get(argument);
      if (before) return before;
      path.push(argument);
      if (at.type === "CallExpression" && at.callee !== argument && !isStateCall(at)) return argument;
      if (/Statement$|Declaration$|^(Program|StaticBlock|PropertyDefinition)$/.test(at.type))
        return undefined;
      argument = at;
    }
    return undefined;
  };
  return (member: AnyNode): AnyNode => {
    const path: AnyNode[] = [];
    const argument = climb(member, path);
    if (!argument) throw lazyError(job, member, "Must be inside an operation", outsideOperation);
    for (const node of path) found.set(node, argument);
    return argument;
  };
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
  const argumentAround = argumentFinder(job);
  for (const node of job.tree.nodes) {
    if (node.type !== "Identifier" || node.name !== "$") continue;
    const parent = job.tree.parentOf(node);
    if (parent?.type !== "MemberExpression" || parent.object !== node) continue;
    if (job.scopes.isDeclaredAt("$", node)) continue;
    const argument = argumentAround(parent);
    job.edits.update(node.start, node.end, "state");
    if (wrapped.has(argument) || isStateFunction(job, argument)) continue;
    wrapped.add(argument);
    if (argument.type === "SpreadElement" || job.awaiting.has(argument)) {
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
