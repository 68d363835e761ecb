import type { AnyNode, CallExpression } from "acorn";
import type { Job } from "./job";
import { chainStart } from "./promises";

/** One operation of a job, in the order in which it runs. */
export type Operation = {
  /** The called name; absent when it is not a plain name, e.g. `util.tidy()`. */
  name?: string;
  /** The call as people say it: `get`, `util.tidy`. */
  label: string;
  line: number;
  column: number;
  /** From 1. */
  order: number;
};

function labelOf(node: AnyNode): string {
  let at = node;
  let suffix = "";
  for (;;) {
    if (at.type === "Identifier") return at.name + suffix;
    if (at.type === "MemberExpression") {
      suffix = (at.property.type === "Identifier" && !at.computed ? `.${at.property.name}` : "[…]") + suffix;
      at = at.object;
    } else if (at.type === "CallExpression") {
      suffix = `()${suffix}`;
      at = at.callee;
    } else return suffix ? `…${suffix}` : "operation";
  }
}

function operationOf(job: Job, call: CallExpression, order: number): Operation {
  const { callee } = chainStart(call);
  const named = callee.type === "Identifier" ? { name: callee.name } : {};
  return { ...named, label: labelOf(callee).slice(0, 200), ...job.lines.at(call.start), order };
}

/**
 * Turns top-level calls into thunks that run after the rest of the body, in order, as OpenFn's exported array does.
 * Returns the operations and the text that ends the body.
 */
export function rewriteOperations(job: Job): { operations: Operation[]; footer: string } {
  const operations: Operation[] = [];
  const list = job.given.operations;
  let isAsync = false;
  for (const node of job.tree.program.body) {
    if (node.type !== "ExpressionStatement" || node.expression.type !== "CallExpression") continue;
    const call = node.expression;
    operations.push(operationOf(job, call, operations.length + 1));
    const waits = job.awaiting.has(call);
    isAsync ||= waits;
    job.edits.appendRight(call.start, `${list}.push(${waits ? "async" : ""}()=>(`);
    job.edits.appendLeft(call.end, "))");
  }
  const footer = isAsync
    ? `const made=[];for(const make of ${list})made.push(await make());${list}.d=made;`
    : "";
  return { operations, footer: footer && `{${footer}}` };
}
