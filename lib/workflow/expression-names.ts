import type { AnyNode } from "acorn";
import { nearest } from "@/lib/settings/nearest.mjs";

/** What JavaScript itself names, and what both an expression and a job are given. */
export const namesOfLanguage: ReadonlySet<string> = new Set(
  `state undefined NaN Infinity arguments globalThis console Buffer parseInt parseFloat isNaN isFinite decodeURI
  decodeURIComponent encodeURI encodeURIComponent escape unescape eval Object Function Array Boolean Symbol Number BigInt
  Math Date String RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError JSON Map
  Set WeakMap WeakSet WeakRef FinalizationRegistry Promise Proxy Reflect Intl Atomics ArrayBuffer SharedArrayBuffer
  DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array
  Float64Array BigInt64Array BigUint64Array Iterator WebAssembly`.split(/\s+/),
);

/** Says which name of an expression stands for nothing, in V8's words, or null. */
export function unknownName(expression: AnyNode): string | null {
  const { used, bound } = namesIn(expression);
  const name = used.find((one) => !namesOfLanguage.has(one) && !bound.has(one));
  if (name === undefined) return null;
  const meant = nearest(name, ["state", ...bound]);
  return `${name} is not defined${meant ? `; did you mean ${meant}?` : ""}`;
}

/** A name that is bound anywhere in the expression counts as known in all of it: expressions are small. */
function namesIn(root: AnyNode): { used: string[]; bound: ReadonlySet<string> } {
  const used: string[] = [];
  const bound = new Set<string>();
  const pending: { node: AnyNode; binds: boolean }[] = [{ node: root, binds: false }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, binds } = next;
    if (node.type === "Identifier") {
      if (binds) bound.add(node.name);
      else used.push(node.name);
      continue;
    }
    if (node.type === "UnaryExpression" && node.operator === "typeof" && node.argument.type === "Identifier")
      continue;
    for (const [key, value] of Object.entries(node))
      for (const child of [value].flat())
        if (isNode(child) && !isPlainName(node, key))
          pending.push({ node: child, binds: bindsAt(node, key, binds) });
  }
  return { used: used.reverse(), bound };
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** A property's or a label's name stands for no variable. */
function isPlainName(node: AnyNode, key: string): boolean {
  if (key === "property") return node.type === "MemberExpression" && !node.computed;
  if (key === "key") return "computed" in node && !node.computed;
  return key === "label" || node.type === "MetaProperty";
}

/** Whether the names under a key are declared there: parameters, patterns, functions, classes, caught errors. */
function bindsAt(node: AnyNode, key: string, binds: boolean): boolean {
  switch (node.type) {
    case "ArrowFunctionExpression":
    case "FunctionExpression":
    case "FunctionDeclaration":
      return key === "params" || key === "id";
    case "VariableDeclarator":
    case "ClassExpression":
    case "ClassDeclaration":
      return key === "id";
    case "CatchClause":
      return key === "param";
    case "AssignmentPattern":
      return binds && key === "left";
    case "ObjectPattern":
    case "ArrayPattern":
    case "RestElement":
      return binds;
    case "Property":
      return binds && key === "value";
    default:
      return false;
  }
}
