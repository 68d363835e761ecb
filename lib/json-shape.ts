/** Web APIs only, and linear in the text: what is known of JSON before anything recursive reads it. */
export type JsonShape = {
  /** How deep objects and lists go. */
  levels: number;
  /** Keys and list items, one more than there are in empty objects and lists. */
  values: number;
};

/** Counts until one of the bounds is passed; the text need not be JSON. Then the numbers are what was seen so far. */
export function jsonShape(text: string, most: JsonShape): JsonShape {
  let depth = 0;
  let levels = 0;
  let values = 1;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) i = endOfString(text, i);
    else if (c === 44) values++;
    else if (c === 91 || c === 123) {
      values++;
      levels = Math.max(levels, ++depth);
    } else if (c === 93 || c === 125) depth--;
    if (levels > most.levels || values > most.values) break;
  }
  return { levels, values };
}

/** The index of the quote that ends the string which begins at `start`; the text's length when none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
