import type { AnyNode, Identifier } from "acorn";
import { isFunction, type Tree } from "./tree";

class Scope {
  readonly names = new Set<string>();
  constructor(
    readonly parent: Scope | null,
    /** `var` declarations stop here. */
    readonly isFunction: boolean,
  ) {}

  declares(name: string): boolean {
    for (let scope: Scope | null = this; scope; scope = scope.parent) if (scope.names.has(name)) return true;
    return false;
  }
}

export type Scopes = {
  /** Names that the text uses and declares nowhere. */
  free: Set<string>;
  /** Where it uses them. */
  freeNodes: Identifier[];
  isDeclaredAt(name: string, node: AnyNode): boolean;
};

const scopeTypes = new Set([
  "Program",
  "BlockStatement",
  "StaticBlock",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "SwitchStatement",
  "CatchClause",
  "ClassExpression",
  "ClassDeclaration",
]);

/** Names bound by a pattern, nested ones too. */
export function patternNames(pattern: AnyNode | null | undefined): string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((p) => patternNames(p.type === "RestElement" ? p : p.value));
    case "ArrayPattern":
      return pattern.elements.flatMap(patternNames);
    case "AssignmentPattern":
      return patternNames(pattern.left);
    case "RestElement":
      return patternNames(pattern.argument);
    default:
      return [];
  }
}

function declare(node: AnyNode, outer: Scope, own: Scope) {
  const add = (scope: Scope, names: string[]) => {
    for (const name of names) scope.names.add(name);
  };
  switch (node.type) {
    case "VariableDeclaration": {
      let scope = outer;
      while (node.kind === "var" && !scope.isFunction && scope.parent) scope = scope.parent;
      return add(
        scope,
        node.declarations.flatMap((d) => patternNames(d.id)),
      );
    }
    case "FunctionDeclaration":
      add(outer, patternNames(node.id));
      return add(own, ["arguments", ...node.params.flatMap(patternNames)]);
    case "FunctionExpression":
      return add(own, ["arguments", ...patternNames(node.id), ...node.params.flatMap(patternNames)]);
    case "ArrowFunctionExpression":
      return add(own, node.params.flatMap(patternNames));
    case "ClassDeclaration":
      return add(outer, patternNames(node.id));
    case "ClassExpression":
      return add(own, patternNames(node.id));
    case "CatchClause":
      return add(own, patternNames(node.param));
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
      return add(outer, [node.local.name]);
  }
}

/** Whether an identifier stands for a variable, rather than for a property, a label or a module's name. */
function isReference(node: AnyNode, parent: AnyNode | undefined): boolean {
  switch (parent?.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.value === node || parent.computed;
    case "ExportSpecifier":
      return parent.local === node;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
    case "ImportSpecifier":
      return false;
    default:
      return true;
  }
}

const scope = Symbol("scope");
type Scoped = AnyNode & { [scope]?: Scope };

/** Resolves every name of a text to a declaration in it, or to none. */
export function analyzeScopes(tree: Tree): Scopes {
  const root = new Scope(null, true);
  const inside = (node: Scoped) => node[scope] ?? root;
  const references: { node: Identifier; scope: Scope }[] = [];
  for (const node of tree.nodes as Scoped[]) {
    const parent = tree.parentOf(node);
    const outer = parent ? inside(parent) : root;
    const opens = isFunction(node) || scopeTypes.has(node.type);
    const own = opens && parent ? new Scope(outer, isFunction(node) || node.type === "StaticBlock") : outer;
    node[scope] = own;
    declare(node, outer, own);
    if (node.type === "Identifier" && isReference(node, parent)) references.push({ node, scope: own });
  }
  const freeNodes = references.filter((r) => !r.scope.declares(r.node.name)).map((r) => r.node);
  const free = new Set(freeNodes.map(({ name }) => name));
  return { free, freeNodes, isDeclaredAt: (name, node) => inside(node).declares(name) };
}
