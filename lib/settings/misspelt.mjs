// @ts-check
import { declared } from "./settings.mjs";

/** Shorter names have neighbours that mean something else: HOST and HOME. */
const minChars = 8;

/** Edits from one word to another: letters put in, left out, changed or swapped. @param {string} a @param {string} b */
function distance(a, b) {
  /** @type {number[][]} */
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  /** @param {number} row @param {number} column */
  const at = (row, column) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= a.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const best = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      rows[row]?.push(best);
    }
  }
  return at(a.length, b.length);
}

/**
 * Sentences about variables that look like a setting written wrongly. They are to be shown, not refused: a variable
 * may be somebody else's.
 * @param {Record<string, string | undefined>} source
 * @returns {string[]}
 */
export function misspelt(source) {
  const known = declared.filter(([, { isInternal }]) => !isInternal).map(([name]) => name);
  const strange = Object.keys(source).filter((name) => source[name] && !known.some((one) => one === name));
  return strange.flatMap((name) => {
    const upper = name.toUpperCase();
    const meant = known.find(
      (one) => one.length >= minChars && distance(upper, one) <= (one.length < 12 ? 1 : 2),
    );
    return meant ? [`${name} is no setting of Waybill. If you mean ${meant}, rename it.`] : [];
  });
}
