/** Web APIs only, and linear in the text: what is known of JSON before anything recursive reads it. */
export type JsonShape = {
  /** How deep objects and lists go. */
  levels: number;
  /** Keys and list items, one more than there are in empty objects and lists. */
  values: number;
  /** Objects and lists. */
  containers: number;
};

const never = Number.POSITIVE_INFINITY;

/** Counts until one of the bounds is passed; the text need not be JSON. Then the numbers are what was seen so far. */
export function jsonShape(text: string, most: Partial<JsonShape>): JsonShape {
  const { levels: maxLevels = never, values: maxValues = never, containers: maxContainers = never } = most;
  let depth = 0;
  let levels = 0;
  let values = 1;
  let containers = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) i = endOfString(text, i);
    else if (c === 44) values++;
    else if (c === 91 || c === 123) {
      values++;
      containers++;
      levels = Math.max(levels, ++depth);
    } else if (c === 93 || c === 125) depth--;
    if (levels > maxLevels || values > maxValues || containers > maxContainers) break;
  }
  return { levels, values, containers };
}

/** Whether JSON text names more than `most` different keys, by their spelling. */
export function hasMoreKeys(text: string, most: number): boolean {
  const keys = new Set<string>();
  for (let start = text.indexOf('"'); start >= 0; start = text.indexOf('"', start + 1)) {
    const end = endOfString(text, start);
    if (text.charCodeAt(afterSpace(text, end + 1)) === 58) keys.add(text.slice(start + 1, end));
    if (keys.size > most) return true;
    start = end;
  }
  return false;
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= 32) at++;
  return at;
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
