import { sameAtEnd, sameAtStart, shortestEdits } from "./edits";

/** A place at which both sides changed the same lines of the base, each otherwise. Lines are without their ends. */
export type LineConflict = { base: string[]; yours: string[]; theirs: string[] };

/**
 * Merges two versions of a text by its lines (diff3): what one side changed is taken, what both changed alike is taken
 * once. At every other place stands what `resolve` says; lines beside each other are such a place unless `apart`.
 * Bounded: texts that are too different are one such place.
 */
export function mergeLines(
  base: string,
  yours: string,
  theirs: string,
  resolve: (conflict: LineConflict) => string[],
  { apart = false }: { apart?: boolean } = {},
): string {
  if (yours === theirs || theirs === base) return yours;
  if (yours === base) return theirs;
  const old = base.split("\n");
  const out: string[] = [];
  let at = 0;
  for (const { from, to, mine, other } of places(
    changes(old, yours.split("\n")),
    changes(old, theirs.split("\n")),
    apart,
  )) {
    push(out, old.slice(at, from));
    const [ours, others] = [applied(old, mine, from, to), applied(old, other, from, to)];
    if (mine.length === 0) push(out, others);
    else if (other.length === 0 || isSame(ours, others)) push(out, ours);
    else push(out, resolve({ base: old.slice(from, to), yours: ours, theirs: others }));
    at = to;
  }
  push(out, old.slice(at));
  return out.join("\n");
}

/** Lines of the base, from `from` up to `to`, that became others. */
type Change = { from: number; to: number; lines: string[] };

/** Where both sides' changes meet or touch, or one side's alone. */
type Place = { from: number; to: number; mine: Change[]; other: Change[] };

function changes(old: string[], young: string[]): Change[] {
  const start = sameAtStart(old, young);
  const end = sameAtEnd(old, young, start);
  const [before, after] = [old.slice(start, old.length - end), young.slice(start, young.length - end)];
  if (before.length === 0 && after.length === 0) return [];
  const edits = Math.min(maxEdits, Math.floor(maxWork / (before.length + after.length)));
  const steps = shortestEdits(before, after, { edits });
  if (!steps) return [{ from: start, to: start + before.length, lines: after }];
  const found: Change[] = [];
  let [x, y] = [0, 0];
  let open: Change | null = null;
  for (const step of steps) {
    if (step === "kept") {
      [x, y, open] = [x + 1, y + 1, null];
      continue;
    }
    if (!open) {
      open = { from: start + x, to: start + x, lines: [] };
      found.push(open);
    }
    if (step === "removed") open.to = start + ++x;
    else open.lines.push(after[y++] ?? "");
  }
  return found;
}

const maxEdits = 2_000;
/** Lines times edits. */
const maxWork = 40_000_000;

function places(mine: Change[], other: Change[], apart: boolean): Place[] {
  const all = [
    ...mine.map((change) => ({ change, isMine: true })),
    ...other.map((change) => ({ change, isMine: false })),
  ].sort((a, b) => a.change.from - b.change.from || a.change.to - b.change.to);
  const found: Place[] = [];
  for (const { change, isMine } of all) {
    let place = found.at(-1);
    const isBehind =
      place && (apart && change.to > change.from ? change.from >= place.to : change.from > place.to);
    if (!place || isBehind) {
      place = { from: change.from, to: change.to, mine: [], other: [] };
      found.push(place);
    }
    place.to = Math.max(place.to, change.to);
    (isMine ? place.mine : place.other).push(change);
  }
  return found;
}

/** The lines of the base from `from` up to `to`, with changes that lie there. */
function applied(old: string[], some: Change[], from: number, to: number): string[] {
  const out: string[] = [];
  let at = from;
  for (const change of some) {
    push(out, old.slice(at, change.from));
    push(out, change.lines);
    at = change.to;
  }
  push(out, old.slice(at, to));
  return out;
}

const isSame = (a: string[], b: string[]): boolean =>
  a.length === b.length && a.every((line, n) => line === b[n]);

/** A spread of a long list would not fit on the stack. */
function push(out: string[], lines: readonly string[]): void {
  for (const line of lines) out.push(line);
}
