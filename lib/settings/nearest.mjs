// @ts-check

/**
 * The known word that `word` was probably meant to be: at most two slips away, fewer in short words. Plain JavaScript,
 * for the launcher reads it before anything is installed.
 * @param {string} word
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
export function nearest(word, known) {
  const [best] = known
    .map((candidate) => ({ candidate, slips: slips(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, slips }) => slips <= Math.min(2, Math.ceil(candidate.length / 3)))
    .sort((a, b) => a.slips - b.slips);
  return best?.candidate;
}

/**
 * Letters added, dropped, changed or swapped with their neighbour (optimal string alignment); infinite when the lengths
 * differ by more than two. Bounded: words are short.
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
export function slips(a, b) {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  /** @type {number[]} */
  let before = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          (above[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (above[j - 1] ?? 0) + (same ? 0 : 1),
          isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
