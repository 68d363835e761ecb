import { foldWithPlaces } from "./fold";
import type { Term } from "./terms";

/** A piece of a text: `start` up to but not including `end`. */
export type Mark = { start: number; end: number };

/** Where the terms are in a text, in order, as places of the text itself; what overlaps or touches is one. */
export function marksIn(text: string, terms: readonly Term[], limit = 500): Mark[] {
  if (terms.length === 0 || text === "") return [];
  const folded = foldWithPlaces(text);
  const marks: Mark[] = [];
  for (const term of terms) {
    let found = term.find(folded.text);
    for (let count = 0; found && count < limit; count++) {
      const start = folded.at(found.start);
      marks.push({ start, end: endOf(folded.at, found.end, start, text.length) });
      found = term.find(folded.text, found.end);
    }
  }
  return united(marks).slice(0, limit);
}

/** The end is where the next letter begins: a letter that was folded into several is marked whole. */
function endOf(at: (place: number) => number, end: number, start: number, length: number): number {
  let place = end;
  while (at(place) <= start && at(place) < length) place++;
  return at(place);
}

/** Marks in order; what overlaps or touches is one. */
export function united(marks: readonly Mark[]): Mark[] {
  const out: Mark[] = [];
  for (const mark of marks.toSorted((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last && mark.start <= last.end) last.end = Math.max(last.end, mark.end);
    else out.push({ ...mark });
  }
  return out;
}

/** A text cut at its marks; odd parts are the marked ones. */
export function cutAt(text: string, marks: readonly Mark[]): string[] {
  const cut: string[] = [];
  let from = 0;
  for (const { start, end } of marks) {
    cut.push(text.slice(from, start), text.slice(start, end));
    from = end;
  }
  return [...cut, text.slice(from)];
}
