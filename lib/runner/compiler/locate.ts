import type MagicString from "magic-string";
import { indexLines, type Position } from "./positions";

/** `length` characters from `at` in the compiled body come from as many from `source`; 1 for what was put in. */
type Run = { at: number; source: number; length: number };

/** What finding a place needs besides the two texts; plain data, for another thread. */
export type Places = { headLength: number; bodyLength: number; runs: Run[] };

/** Finds where places of `body`, the text of `edits` that stands in the code after `head`, come from. */
export const placesOf = (source: string, edits: MagicString, head: string, body: string): Places => ({
  headLength: head.length,
  bodyLength: body.length,
  runs: runsOf(body, source, edits),
});

/** Maps places in compiled code back to the source. `places` is called when the first error asks. */
export function locator(code: string, places: () => Places, place: (offset: number) => Position) {
  const from = indexLines(code);
  let known: Places | undefined;
  // magic-string counts lines by "\n" alone, V8 counts four kinds: offsets are the common ground.
  return ({ line, column }: Position): Position | null => {
    known ??= places();
    const { headLength, bodyLength, runs } = known;
    const offset = from.offset({ line: line + 1, column });
    if (line < 1 || offset === null || offset > headLength + bodyLength) return null;
    const inBody = offset - headLength;
    let low = 0;
    let high = runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((runs[middle]?.at ?? 0) <= inBody) low = middle;
      else high = middle - 1;
    }
    const run = runs[low];
    return run ? place(run.source + Math.max(0, Math.min(inBody - run.at, run.length - 1))) : null;
  };
}

const newlineStarts = (text: string) => {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
};

function runsOf(body: string, source: string, edits: MagicString): Run[] {
  const bodyStarts = newlineStarts(body);
  const sourceStarts = newlineStarts(source);
  const runs: Run[] = [];
  let last: Run | undefined;
  for (const [index, line] of edits.generateDecodedMap({ hires: true }).mappings.entries())
    for (const segment of line) {
      if (segment.length < 4) continue;
      const [column, , sourceLine = 0, sourceColumn = 0] = segment;
      const at = (bodyStarts[index] ?? 0) + column;
      const from = (sourceStarts[sourceLine] ?? 0) + sourceColumn;
      if (last && at === last.at + last.length && from === last.source + last.length) last.length += 1;
      else {
        last = { at, source: from, length: 1 };
        runs.push(last);
      }
    }
  return runs;
}
