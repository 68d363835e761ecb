/** What becomes of the parts of JSON text; undefined leaves one as it is written. */
export type JsonTextParts = {
  /** A text, decoded, as a key or as a value: the text instead. */
  string?(value: string, isKey: boolean): string | undefined;
  /** A number or a word, as it is written: JSON text instead. */
  scalar?(written: string): string | undefined;
};

const words = /[^\s,:[\]{}]+/g;

/**
 * JSON text with some of its texts, numbers and words replaced. Works on what is written: structure, order, spelling
 * and exact decimals of all else stay, however deep it is nested. The text must be valid JSON.
 */
export function rewriteJson(text: string, { string, scalar }: JsonTextParts): string {
  let out = "";
  let copied = 0;
  const put = (from: number, to: number, instead: string) => {
    out += text.slice(copied, from) + instead;
    copied = to;
  };
  for (let at = 0; at < text.length; ) {
    const opening = text.indexOf('"', at);
    const gapEnd = opening < 0 ? text.length : opening;
    if (scalar)
      for (const match of text.slice(at, gapEnd).matchAll(words)) {
        const instead = scalar(match[0]);
        if (instead !== undefined) put(at + match.index, at + match.index + match[0].length, instead);
      }
    if (opening < 0) break;
    const end = closingQuote(text, opening) + 1;
    const instead = string?.(decoded(text.slice(opening, end)), isKeyBefore(text, end));
    if (instead !== undefined) put(opening, end, JSON.stringify(instead));
    at = end;
  }
  return out + text.slice(copied);
}

/** What a text says, as it is written with its quotes. */
export const decoded = (written: string): string =>
  written.includes("\\") ? (JSON.parse(written) as string) : written.slice(1, -1);

/** Where the text that opens at `opening` ends. */
export function closingQuote(text: string, opening: number): number {
  let at = opening;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length - 1;
    let before = at;
    while (text[before - 1] === "\\") before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
}

/** Whether the text that ends before `end` is a key. */
export function isKeyBefore(text: string, end: number): boolean {
  let at = end;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return text[at] === ":";
}

/** Whether a text has more opening brackets than that: most have few, and are as deep as that at most. */
export function opensMore(text: string, count: number): boolean {
  let left = count;
  for (const bracket of ["[", "{"])
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1))
      if (--left < 0) return true;
  return false;
}
