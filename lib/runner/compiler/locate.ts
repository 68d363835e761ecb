import type MagicString from "magic-string";
import { indexLines, type Position } from "./positions";

/** Maps places in compiled code back to the source. The map is made when the first error asks for it. */
export function locator(compiled: {
  source: string;
  edits: MagicString;
  /** The text of `edits`, which stands in `code` after `head`. */
  body: string;
  code: string;
  head: string;
  /** The position of an offset in `source`. */
  place: (offset: number) => Position;
}) {
  const { source, edits, body, code, head, place } = compiled;
  const from = indexLines(code);
  // magic-string counts lines by "\n" alone, V8 counts four kinds: offsets are the common ground.
  let segments: { at: number; source: number }[] | undefined;
  return ({ line, column }: Position): Position | null => {
    const offset = from.offset({ line: line + 1, column });
    if (line < 1 || offset === null || offset > head.length + body.length) return null;
    segments ??= offsetsOf(body, source, edits);
    const inBody = offset - head.length;
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((segments[middle]?.at ?? 0) <= inBody) low = middle;
      else high = middle - 1;
    }
    const segment = segments[low];
    return segment ? place(segment.source) : null;
  };
}

const newlineStarts = (text: string) => {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
};

function offsetsOf(body: string, source: string, edits: MagicString) {
  const bodyStarts = newlineStarts(body);
  const sourceStarts = newlineStarts(source);
  return edits.generateDecodedMap({ hires: true }).mappings.flatMap((line, index) =>
    line.flatMap((segment) => {
      if (segment.length < 4) return [];
      const [column, , sourceLine = 0, sourceColumn = 0] = segment;
      return [
        { at: (bodyStarts[index] ?? 0) + column, source: (sourceStarts[sourceLine] ?? 0) + sourceColumn },
      ];
    }),
  );
}
