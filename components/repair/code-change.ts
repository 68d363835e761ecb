import { sameAtEnd, sameAtStart, shortestEdits } from "@/lib/difference/edits";
import { mergeLines } from "@/lib/difference/merge";

/** Comparing costs lines times edits. */
const mostEdits = 1_000;
const mostLines = 20_000;

/**
 * Where a line of the code that ran stands now: the same line, or where it stood when it is another one or gone. Both count
 * from 1.
 */
export function lineNow(ran: string, now: string, line: number): { line: number; isSame: boolean } {
  const [old, young] = [ran.split("\n"), now.split("\n")];
  const inside = (at: number) => Math.min(Math.max(at, 1), young.length);
  const start = sameAtStart(old, young);
  const end = sameAtEnd(old, young, start);
  if (line <= start) return { line, isSame: true };
  if (line > old.length - end) return { line: line + young.length - old.length, isSame: true };
  const middle = { old: old.slice(start, old.length - end), young: young.slice(start, young.length - end) };
  const isComparable = middle.old.length + middle.young.length <= mostLines;
  const steps = isComparable ? shortestEdits(middle.old, middle.young, { edits: mostEdits }) : null;
  let [before, after] = [start, start];
  for (const step of steps ?? []) {
    if (step !== "added") before += 1;
    if (step !== "removed") after += 1;
    if (step !== "added" && before === line)
      return step === "kept" ? { line: after, isSame: true } : { line: inside(after + 1), isSame: false };
  }
  return { line: inside(line), isSame: false };
}

export type Merged = {
  code: string;
  /** Places at which both changed the same lines: mine stands there. */
  collisions: number;
};

/** My change of a base and somebody else's, together. */
export function mergeCode(base: string, mine: string, theirs: string): Merged {
  let collisions = 0;
  const code = mergeLines(base, mine, theirs, ({ yours }) => {
    collisions += 1;
    return yours;
  });
  return { code, collisions };
}
