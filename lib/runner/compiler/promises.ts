import type { AnyNode, CallExpression } from "acorn";
import type { Job } from "./job";

/** The call before the dot of `call().then(…)` or `call().catch(…)`. */
function chainedCall(node: AnyNode | undefined): CallExpression | null {
  if (node?.type !== "CallExpression" || node.callee.type !== "MemberExpression" || node.callee.computed)
    return null;
  const { property, object } = node.callee;
  const isLink = property.type === "Identifier" && (property.name === "then" || property.name === "catch");
  return isLink && object.type === "CallExpression" ? object : null;
}

/** The operation at the start of a promise chain; the call itself when it is no chain. */
export function chainStart(call: CallExpression): CallExpression {
  let start = call;
  for (let next = chainedCall(start); next; next = chainedCall(start)) start = next;
  return start;
}

function isInsideFunction(job: Job, node: AnyNode): boolean {
  for (let at: AnyNode | undefined = node; at; at = job.tree.parentOf(at)) {
    if (job.lazyArguments.has(at)) return true;
    if (/Function|^(BlockStatement|StaticBlock|ClassBody)$/.test(at.type)) return true;
  }
  return false;
}

const startsWithPromise = (job: Job, start: CallExpression) =>
  start.callee.type === "MemberExpression" &&
  start.callee.object.type === "Identifier" &&
  start.callee.object.name === "Promise" &&
  job.scopes.free.has("Promise");

/**
 * `op().then(f)` outside functions becomes `__chain(__link(op()).then(f))`: `__link` records the links and `__chain`
 * makes one operation of them. Returns the text that defines both, or "" when the job has no chain.
 */
export function rewriteChains(job: Job): string {
  const chain = `${job.given.defer}Chain`;
  const link = `${job.given.defer}Link`;
  let isUsed = false;
  for (const node of job.tree.nodes) {
    if (node.type !== "CallExpression" || !chainedCall(node)) continue;
    const parent = job.tree.parentOf(node);
    const whole = parent && job.tree.parentOf(parent);
    if (parent?.type === "MemberExpression" && chainedCall(whole) === node) continue;
    const start = chainStart(node);
    if (isInsideFunction(job, node) || startsWithPromise(job, start)) continue;
    isUsed = true;
    job.edits.appendRight(node.start, `${chain}(`);
    job.edits.appendLeft(node.end, ")");
    job.edits.appendRight(start.start, `${link}(`);
    job.edits.appendLeft(start.end, ")");
  }
  return isUsed ? helpers(chain, link, job.given.defer) : "";
}

/** A `catch` directly after the operation gets `(error, state)`; all other links act on the promise. */
const helpers = (chain: string, link: string, defer: string) =>
  `const ${link}=(op)=>{const r={op,links:[],then(...a){r.links.push(["then",a]);return r},catch(...a){r.links.push(["catch",a]);return r}};return r};` +
  `const ${chain}=({op,links})=>{const first=links[0];const near=first[0]==="catch";const rest=near?links.slice(1):links;` +
  `return ${defer}(op,(p)=>rest.reduce((q,[k,a])=>q[k](...a),p),near?first[1][0]:undefined)};`;
