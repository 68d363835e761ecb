/** One step from an older list of lines to a younger one. */
export type Edit = "kept" | "removed" | "added";

/** How many lines are the same at the start. */
export function sameAtStart(old: string[], young: string[]): number {
  let n = 0;
  while (n < old.length && n < young.length && old[n] === young[n]) n++;
  return n;
}

/** How many lines are the same at the end, behind `start` lines. */
export function sameAtEnd(old: string[], young: string[], start: number): number {
  let n = 0;
  const most = Math.min(old.length, young.length) - start;
  while (n < most && old[old.length - 1 - n] === young[young.length - 1 - n]) n++;
  return n;
}

/**
 * The fewest edits that lead from one list to the other (Myers), paid from what is left of `budget`; null when that would
 * cost more.
 */
export function shortestEdits(old: string[], young: string[], budget: { edits: number }): Edit[] | null {
  const most = Math.min(budget.edits, old.length + young.length);
  const offset = most + 1;
  const furthest = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let depth = 0; depth <= most; depth++) {
    // Only these places are looked at on the way back.
    trace.push(furthest.slice(offset - depth - 1, offset + depth + 2));
    for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
      const x = advance(old, young, diagonal, firstOn(furthest, offset, diagonal, depth));
      furthest[offset + diagonal] = x;
      if (x < old.length || x - diagonal < young.length) continue;
      budget.edits -= depth;
      return walkBack(trace, old.length, young.length);
    }
  }
  budget.edits -= most;
  return null;
}

/** Where a path of one edit more arrives on a diagonal, before it follows what is the same. */
function firstOn(furthest: Int32Array, offset: number, diagonal: number, depth: number): number {
  const below = furthest[offset + diagonal - 1] ?? 0;
  const above = furthest[offset + diagonal + 1] ?? 0;
  const isDown = diagonal === -depth || (diagonal !== depth && below < above);
  return isDown ? above : below + 1;
}

function advance(old: string[], young: string[], diagonal: number, from: number): number {
  let x = from;
  while (x < old.length && x - diagonal < young.length && old[x] === young[x - diagonal]) x++;
  return x;
}

function walkBack(trace: Int32Array[], oldLength: number, youngLength: number): Edit[] {
  const steps: Edit[] = [];
  let [x, y] = [oldLength, youngLength];
  for (let depth = trace.length - 1; depth >= 0; depth--) {
    const diagonal = x - y;
    const furthest = trace[depth] ?? new Int32Array();
    const offset = depth + 1;
    const below = furthest[offset + diagonal - 1] ?? 0;
    const above = furthest[offset + diagonal + 1] ?? 0;
    const isDown = diagonal === -depth || (diagonal !== depth && below < above);
    const fromX = depth === 0 ? 0 : isDown ? above : below;
    const fromY = depth === 0 ? 0 : fromX - (isDown ? diagonal + 1 : diagonal - 1);
    while (x > fromX && y > fromY) {
      steps.push("kept");
      x--;
      y--;
    }
    if (depth > 0) steps.push(isDown ? "added" : "removed");
    [x, y] = [fromX, fromY];
  }
  return steps.reverse();
}
