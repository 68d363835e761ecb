import { type Edit, sameAtEnd, sameAtStart, shortestEdits } from "./edits";

/** One line of a difference; `old` and `new` count from 1, null on the side that does not have it. */
export type DifferentLine = {
  kind: "kept" | "removed" | "added";
  old: number | null;
  new: number | null;
  text: string;
  /** The text ends here, without a line break. */
  isUnended?: true;
};

/** What tells two texts apart, line by line. */
export type TextDifference = {
  /** All lines that only the older, or only the newer text has: counted also where they are not shown. */
  removed: number;
  added: number;
  /** Changed lines with those around them, a group for each place. */
  hunks: DifferentLine[][];
  /** Lines were left out, cut, or not compared one by one, because there were too many. */
  isShortened: boolean;
};

/** What comparing may cost and show. Those who compare several texts hand the same one on. */
export type Budget = { lines: number; edits: number };

export const newBudget = (): Budget => ({ lines: 1_500, edits: 1_000 });

const around = 3;
const maxLineChars = 400;
/** Comparing costs lines times edits. */
const maxCompared = 20_000;
/** Of both texts: those of more are only counted. */
const maxLines = 200_000;

/**
 * Compares two texts by their lines, with the fewest edits (Myers). Bounded by `budget`, which is used up: texts that
 * are too long or too different are told as one that was removed and one that was added. Null when they are the same.
 */
export function differenceOfTexts(
  before: string,
  after: string,
  budget: Budget = newBudget(),
): TextDifference | null {
  if (before === after) return null;
  const counts = { removed: countLines(before), added: countLines(after) };
  if (counts.removed + counts.added > maxLines) return { ...counts, hunks: [], isShortened: true };
  const [old, young] = [linesOf(before), linesOf(after)];
  const start = sameAtStart(old, young);
  const end = sameAtEnd(old, young, start);
  const middle = { old: old.slice(start, old.length - end), young: young.slice(start, young.length - end) };
  const isComparable = middle.old.length + middle.young.length <= maxCompared;
  const script = isComparable ? shortestEdits(middle.old, middle.young, budget) : null;
  const steps = script ?? [
    ...middle.old.map((): Edit => "removed"),
    ...middle.young.map((): Edit => "added"),
  ];
  const lead = Math.min(start, around);
  const all = [...kept(lead), ...steps, ...kept(Math.min(end, around))];
  const found = hunksOf(all, { old, young, from: start - lead }, budget);
  return { ...found, isShortened: found.isShortened || script === null };
}

const kept = (count: number): Edit[] => Array.from({ length: count }, (): Edit => "kept");

function countLines(text: string): number {
  let count = text === "" || text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** A text that ends without a line break is not the one that ends with it: the mark makes the last lines differ. */
const linesOf = (text: string): string[] => {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") return lines.slice(0, -1);
  return [...lines.slice(0, -1), `${lines.at(-1)}${withoutEnd}`];
};
const withoutEnd = "\u0000";

type Sides = { old: string[]; young: string[]; from: number };

/** `from`: how many lines of both sides stand before the first step. */
function hunksOf(steps: Edit[], { old, young, from }: Sides, budget: Budget): TextDifference {
  const shown = nearChanges(steps);
  const found: TextDifference = { removed: 0, added: 0, hunks: [], isShortened: false };
  let [x, y] = [from, from];
  let isOpen = false;
  for (const [index, kind] of steps.entries()) {
    const place = { old: kind === "added" ? null : ++x, new: kind === "removed" ? null : ++y };
    if (kind !== "kept") found[kind] += 1;
    if (!shown[index] || budget.lines <= 0) {
      if (shown[index]) found.isShortened = true;
      isOpen = false;
      continue;
    }
    budget.lines -= 1;
    const line = readable((kind === "added" ? young[y - 1] : old[x - 1]) ?? "");
    if (line.isCut) found.isShortened = true;
    if (!isOpen) found.hunks.push([]);
    isOpen = true;
    const { text, isUnended } = line;
    found.hunks.at(-1)?.push({ kind, ...place, text, ...(isUnended ? { isUnended } : {}) });
  }
  return found;
}

/** Whether each step is a change, or few lines from one. */
function nearChanges(steps: Edit[]): boolean[] {
  const near = steps.map(() => false);
  for (const [index, kind] of steps.entries())
    if (kind !== "kept")
      for (let i = Math.max(0, index - around); i <= Math.min(steps.length - 1, index + around); i++)
        near[i] = true;
  return near;
}

function readable(line: string) {
  const isUnended = line.endsWith(withoutEnd);
  const text = isUnended ? line.slice(0, -withoutEnd.length) : line;
  const isCut = text.length > maxLineChars;
  return { text: isCut ? `${text.slice(0, maxLineChars)}…` : text, isCut, isUnended };
}
