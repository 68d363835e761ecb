import type { EditorState } from "@codemirror/state";

import { memberPathBefore, type Step } from "./member-path";
import { valueAt } from "./sample";
import { nodeAt, type SyntaxNode } from "./tree";

type Root = { root: string; start: number };

/** Names lead to names: no code needs more of them in a row. */
const mostHops = 8;

/**
 * What a name stands for where it is written, by the sample: `state` and whatever else an operation's function calls its
 * first parameter, `$`, a constant made of a path of them, the item of a list that is walked through. Undefined for others.
 */
export function rootValue(state: EditorState, at: Root, sample: unknown, hops = mostHops): unknown {
  const node = nodeAt(state, at.start, 1);
  if (hops === 0) return undefined;
  const text = (part: SyntaxNode | null) => (part ? state.sliceDoc(part.from, part.to) : "");
  if (at.root === "$") return stateIn(node, state, sample, hops);
  for (let up: SyntaxNode | null = node; up; up = up.parent) {
    const declared = constantIn(up, at.root, at.start, text);
    if (declared) return valueAt(pathValue(state, declared.of, sample, hops), declared.path);
    const parameter = isFunction(up) ? patternIn(up, at.root, text) : null;
    if (parameter)
      return isOperand(up, text) ? valueAt(stateIn(up, state, sample, hops), parameter) : undefined;
    const place = isFunction(up) ? paramNames(up, text).indexOf(at.root) : -1;
    if (place < 0) continue;
    if (place === 0 && walks(up, text)) return firstOf(listWalked(up, state, sample, hops));
    const isState = place === 0 && (at.root === "state" || isOperand(up, text));
    return isState ? stateIn(up, state, sample, hops) : undefined;
  }
  // Nobody's parameter: the state that a job begins with.
  return at.root === "state" ? sample : undefined;
}

/** The value of a whole path of code, such as `state.data.items`. */
function pathValue(state: EditorState, node: SyntaxNode, sample: unknown, hops: number): unknown {
  const found = memberPathBefore(`${state.sliceDoc(node.from, node.to)}.`);
  if (found?.start !== 0 || found.form !== "dot") return undefined;
  return valueAt(rootValue(state, { root: found.root, start: node.from }, sample, hops - 1), found.path);
}

const isFunction = ({ name }: SyntaxNode): boolean =>
  name === "ArrowFunction" || name === "FunctionExpression" || name === "FunctionDeclaration";

type Text = (node: SyntaxNode | null) => string;

/** The first names of parameters; an empty one for a pattern. */
function paramNames(node: SyntaxNode, text: Text): string[] {
  const names: string[] = [];
  for (let child = node.getChild("ParamList")?.firstChild ?? null; child; child = child.nextSibling) {
    if (child.name === "VariableDefinition") names.push(text(child));
    else if (child.name.endsWith("Pattern")) names.push("");
  }
  return names;
}

/** What a constant of this name is made of, and the way from there to it, in the statements of a block before a place. */
function constantIn(
  block: SyntaxNode,
  name: string,
  before: number,
  text: Text,
): { of: SyntaxNode; path: Step[] } | null {
  if (block.name !== "Block" && block.name !== "Script") return null;
  for (const declaration of block.getChildren("VariableDeclaration")) {
    if (declaration.from >= before) return null;
    for (let child = declaration.firstChild; child; child = child.nextSibling) {
      const path = pathTo(child, name, text);
      const equals = child.nextSibling;
      if (path && equals?.name === "Equals" && equals.nextSibling) return { of: equals.nextSibling, path };
    }
  }
  return null;
}

/** The way to what a definition calls `name`: none for a plain name, a key for each brace around it. */
function pathTo(definition: SyntaxNode, name: string, text: Text): Step[] | null {
  if (definition.name === "VariableDefinition") return text(definition) === name ? [] : null;
  if (definition.name !== "ObjectPattern") return null;
  for (const property of definition.getChildren("PatternProperty")) {
    const key = property.getChild("PropertyName") ?? property.getChild("VariableDefinition");
    const inner = property.getChild("ObjectPattern") ?? property.getChild("VariableDefinition");
    const path = inner && pathTo(inner, name, text);
    if (path) return [text(key), ...path];
  }
  return null;
}

/** The way from the first parameter, where it is a pattern, to what it calls `name`. */
function patternIn(node: SyntaxNode, name: string, text: Text): Step[] | null {
  const first = node.getChild("ParamList")?.getChild("ObjectPattern");
  return first ? pathTo(first, name, text) : null;
}

/** The call that a node is an argument of, and which. */
function callOf(node: SyntaxNode): { call: SyntaxNode; callee: SyntaxNode; index: number } | null {
  const list = node.parent;
  const call = list?.parent;
  const callee = call?.firstChild;
  if (list?.name !== "ArgList" || call?.name !== "CallExpression" || !callee) return null;
  let index = 0;
  for (let before = node.prevSibling; before; before = before.prevSibling)
    if (before.name === ",") index += 1;
  return { call, callee, index };
}

const walkers = /\.\s*(?:map|flatMap|filter|find|findIndex|forEach|some|every)$/;

const walks = (node: SyntaxNode, text: Text): boolean => walkers.test(text(callOf(node)?.callee ?? null));

function listWalked(node: SyntaxNode, state: EditorState, sample: unknown, hops: number): unknown {
  const list = callOf(node)?.callee.firstChild;
  return list ? pathValue(state, list, sample, hops) : undefined;
}

/** Whether a function is handed to an operation, which calls it with the state: `fn(s => …)`, `get().then(s => …)`. */
function isOperand(node: SyntaxNode, text: Text): boolean {
  const callee = callOf(node)?.callee;
  if (callee?.name === "VariableName") return true;
  return (
    callee?.name === "MemberExpression" &&
    /(?:^collections\.(?:get|each|remove)|\)\s*\.\s*(?:then|catch))$/.test(text(callee))
  );
}

const firstOf = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);

/** The state as it is at a node: within `each(list, …)` its data is an item of the list. */
function stateIn(node: SyntaxNode, state: EditorState, sample: unknown, hops: number): unknown {
  const lists: SyntaxNode[] = [];
  for (let up: SyntaxNode | null = node; up; up = up.parent) {
    const place = callOf(up);
    const list = place?.callee.nextSibling?.firstChild?.nextSibling;
    if (place && list && place.index > 0 && state.sliceDoc(place.callee.from, place.callee.to) === "each")
      lists.unshift(list);
  }
  let value = sample;
  for (const list of lists) {
    const item = firstOf(listNamed(state, list, value, hops));
    if (item === undefined) return value;
    value = { ...(typeof value === "object" ? value : {}), data: item };
  }
  return value;
}

/** The list that `each` is told of: a JSON path, `$.data.items`, or a function of the state. */
function listNamed(state: EditorState, node: SyntaxNode, sample: unknown, hops: number): unknown {
  const code = state.sliceDoc(node.from, node.to);
  const path =
    node.name === "String"
      ? stepsOf(code.slice(1, -1))
      : stepsOf(code.replace(/^\(?\s*[\w$]+\s*\)?\s*=>\s*[\w$]+/, "$"));
  return hops === 0 || path === null ? undefined : valueAt(sample, path);
}

/** The steps of `$.data.items[*]`; null for a path that says more. */
function stepsOf(path: string): Step[] | null {
  const plain = path.replace(/\[\*\]$/, "");
  const found = memberPathBefore(`${plain.startsWith("$") ? plain : `$.${plain}`}.`);
  return found?.root === "$" && found.start === 0 ? found.path : null;
}
