/** 1-based line, 1-based column in UTF-16 units: what V8 prints in a stack. */
export type Position = { line: number; column: number };

/** Line breaks as ECMAScript and V8 count them. */
const lineBreaks = /\r\n|[\n\r\u2028\u2029]/g;

export type Lines = {
  at(offset: number): Position;
  /** Null for a line that the text does not have. */
  offset(position: Position): number | null;
};

/** An index of a text's lines. Built on first use: only errors and operations ask for positions. */
export function indexLines(text: string): Lines {
  let starts: number[] | undefined;
  const build = () => {
    const list = [0];
    for (const match of text.matchAll(lineBreaks)) list.push(match.index + match[0].length);
    return list;
  };
  return {
    at(offset) {
      starts ??= build();
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
    offset({ line, column }) {
      starts ??= build();
      const start = starts[line - 1];
      return start === undefined ? null : Math.min(start + column - 1, text.length);
    },
  };
}
