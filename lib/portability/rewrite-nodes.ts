import { type Document, isAlias, isMap, isNode, isScalar, Pair, Scalar, visit, type YAMLMap } from "yaml";
import { type BodyPaths, bodyPathOf } from "./body-paths";
import { entriesOf, keyOf, pairIn, saysTheSame, valueIn } from "./nodes";
import type { SpecFiles } from "./sent-files";
import { text } from "./stringify";

type Path = readonly string[];

/** Changes the nodes of a person's file where two specs, as `stringifySpec` writes them, differ. */
export class Rewriter {
  readonly files: SpecFiles = {};

  constructor(readonly bodies: BodyPaths) {}

  /** `user` said what `was` says, and is to say what `now` says. */
  change(user: YAMLMap, was: YAMLMap, now: YAMLMap, path: Path = []): void {
    const [before, after] = [new Map(entriesOf(was)), new Map(entriesOf(now))];
    for (const key of before.keys()) if (!after.has(key)) remove(user, key);
    for (const pair of now.items) {
      const [key, old] = [keyOf(pair), before.get(keyOf(pair))];
      if (old !== undefined && saysTheSame(old, pair.value)) continue;
      if (key === "body" && isIn(path, "jobs") && this.#isWritten(user, pair.value)) continue;
      if (key === "condition_type" && isIn(path, "edges")) modernise(user);
      const there = pairIn(user, key);
      if (there && isMap(there.value) && isMap(pair.value))
        this.change(there.value, isMap(old) ? old : emptied(pair.value), pair.value, [...path, key]);
      else if (there) there.value = styled(there.value, pair.value);
      else insert(user, pair, now);
    }
    if (isIn(path, "workflows", 2)) switchEdges(user, now);
  }

  /** Code that is in a file stays there. */
  #isWritten(job: YAMLMap, body: unknown): boolean {
    const path = bodyPathOf(job);
    if (path === null || !isScalar(body) || typeof body.value !== "string") return false;
    if (!this.bodies.canHold(path, body.value)) {
      remove(job, "path");
      return false;
    }
    this.files[path] = body.value;
    return true;
  }
}

/** Whether a path leads to an item of a list of a workflow, or with `length` 2 to a workflow. */
const isIn = (path: Path, list: string, length = 4): boolean =>
  path.length === length && path[0] === "workflows" && path[length - 2] === list;

const emptied = (map: YAMLMap): YAMLMap => {
  const empty = map.clone() as YAMLMap;
  empty.items = [];
  return empty;
};

function remove(map: YAMLMap, key: string): void {
  map.items = map.items.filter((pair) => keyOf(pair) !== key);
}

/** Behind the key that it follows in the order of `stringifySpec`, or before the one that follows it. */
function insert(user: YAMLMap, pair: Pair, now: YAMLMap): void {
  const keys = now.items.map(keyOf);
  const at = keys.indexOf(keyOf(pair));
  const placeOf = (key: string) => user.items.findIndex((one) => keyOf(one) === key);
  const before = keys
    .slice(0, at)
    .map(placeOf)
    .findLast((place) => place >= 0);
  const after = keys
    .slice(at + 1)
    .map(placeOf)
    .find((place) => place >= 0);
  const place = before === undefined ? (after ?? user.items.length) : before + 1;
  const isSpaced = user.items.slice(1).some(({ key }) => isNode(key) && key.spaceBefore);
  if (isSpaced && place > 0 && isNode(pair.key)) pair.key.spaceBefore = true;
  user.items.splice(place, 0, pair);
}

/** The edge says `condition`, as files of 2023 do. */
function modernise(edge: YAMLMap): void {
  const old = pairIn(edge, "condition");
  if (old && !pairIn(edge, "condition_type") && isScalar(old.key)) old.key.value = "condition_type";
  else remove(edge, "condition");
}

/** A job that is switched off, as files of 2023 do it, switches off every edge to it: those say so themselves now. */
function switchEdges(workflow: YAMLMap, now: YAMLMap): void {
  const [jobs, edges] = [valueIn(workflow, "jobs"), valueIn(workflow, "edges")];
  const wanted = entriesOf(valueIn(now, "edges"));
  for (const [key, job] of entriesOf(jobs)) {
    const enabled = isMap(job) ? valueIn(job, "enabled") : null;
    if (!isMap(job) || !isScalar(enabled) || enabled.value !== false) continue;
    const to = wanted.filter(([, edge]) => isMap(edge) && textOf(valueIn(edge, "target_job")) === key);
    const isOff = ([, edge]: [string, unknown]) =>
      isMap(edge) && textOf(valueIn(edge, "enabled")) === "false";
    if (to.every(isOff)) continue;
    remove(job, "enabled");
    for (const [name] of to.filter(isOff)) {
      const edge = isMap(edges) ? valueIn(edges, name) : null;
      if (!isMap(edge)) continue;
      remove(edge, "enabled");
      edge.items.push(new Pair(new Scalar("enabled"), new Scalar(false)));
    }
  }
}

const textOf = (node: unknown) => (isScalar(node) ? String(node.value) : null);

/** The new value with the comments of the old one, and written as that was where it can be. */
function styled(old: unknown, value: unknown): unknown {
  if (!isNode(old) || !isNode(value) || isAlias(old)) return value;
  const now = isScalar(old) && isScalar(value) ? inStyle(old, value) : value;
  if (old.comment) now.comment = old.comment;
  if (old.commentBefore) now.commentBefore = old.commentBefore;
  if (old.spaceBefore) now.spaceBefore = true;
  return now;
}

function inStyle(old: Scalar, value: Scalar): Scalar {
  if (typeof value.value !== "string") return value;
  const isBlock = old.type === Scalar.BLOCK_LITERAL || old.type === Scalar.BLOCK_FOLDED;
  const isLine = value.type === Scalar.BLOCK_LITERAL && !value.value.includes("\n");
  const now = isLine && !isBlock ? text(value.value) : value;
  const isQuoted = old.type === Scalar.QUOTE_SINGLE || old.type === Scalar.QUOTE_DOUBLE;
  const isFree = now.type === Scalar.PLAIN || now.type === Scalar.QUOTE_SINGLE;
  if (isQuoted && isFree && old.type) now.type = old.type;
  return now;
}

/** Writes out what aliases stand for, so that each can be changed. */
export function expandAliases(document: Document): void {
  for (let round = 0; round < maxRounds; round++) {
    let found = false;
    visit(document, {
      Alias(_, alias) {
        found = true;
        const copy = alias.resolve(document)?.clone();
        if (isNode(copy) && "anchor" in copy) delete copy.anchor;
        return isNode(copy) ? copy : undefined;
      },
    });
    if (!found) break;
  }
  visit(document, {
    Node(_, node) {
      if ("anchor" in node) delete node.anchor;
    },
  });
}

/** Aliases may stand in what others stand for. */
const maxRounds = 10;
