import { withoutNul } from "@/lib/text";
import type { MessageFormat } from "@/lib/words";
import type { Mark } from "./marks";

/** How a format writes characters that it does not write as themselves: one escape, or several that belong together. */
type Spelling = { escapes: RegExp; read: (written: string) => string };

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const short: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

const spellings: Partial<Record<MessageFormat, Spelling>> = {
  json: {
    escapes: /\\u[0-9a-f]{4}(?:\\u[0-9a-f]{4})*|\\[\s\S]/gi,
    read: (written) =>
      /^\\u/i.test(written)
        ? withoutNul(written.replace(/\\u(.{4})/gi, (_, hex: string) => unitOf(hex)))
        : (short[written.charAt(1)] ?? written.charAt(1)),
  },
  form: {
    escapes: /(?:%[0-9a-f]{2})+|\+/gi,
    read(written) {
      if (written === "+") return " ";
      try {
        return withoutNul(decodeURIComponent(written));
      } catch {
        return written;
      }
    },
  },
  xml: {
    escapes: /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);/gi,
    read(written) {
      const name = written.slice(1, -1);
      if (!name.startsWith("#")) return named[name] ?? written;
      const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code > 0x10ffff ? written : withoutNul(String.fromCodePoint(code));
    },
  },
};

const unitOf = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));

const escapesATurn = 20_000;

/**
 * A body's text with its format's escapes read; undefined when there are none. Others get their turn on the thread now and
 * then, because megabytes may be nothing but escapes.
 */
export async function withoutEscapes(format: MessageFormat, text: string): Promise<string | undefined> {
  const spelling = spellings[format];
  if (!spelling) return undefined;
  let out = "";
  let copied = 0;
  let count = 0;
  for (const { 0: written, index } of text.matchAll(spelling.escapes)) {
    out += text.slice(copied, index) + spelling.read(written);
    copied = index + written.length;
    if (++count % escapesATurn === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return count === 0 ? undefined : out + text.slice(copied);
}

/** The same, with the way back: where in the text a piece of what is read was written. */
export function readSpelling(
  format: MessageFormat,
  text: string,
): { text: string; written: (piece: Mark) => Mark } | undefined {
  const spelling = spellings[format];
  if (!spelling) return undefined;
  /** Where each piece begins, as it is read and as it is written. */
  const reads: number[] = [];
  const writes: number[] = [];
  let out = "";
  let copied = 0;
  for (const { 0: written, index } of text.matchAll(spelling.escapes)) {
    out += text.slice(copied, index);
    reads.push(out.length);
    writes.push(index);
    out += spelling.read(written);
    copied = index + written.length;
    reads.push(out.length);
    writes.push(copied);
  }
  if (reads.length === 0) return undefined;
  out += text.slice(copied);
  /** Within an escape, its beginning or its end: there is nothing between. */
  const place = (at: number, isEnd: boolean): number => {
    let low = 0;
    let high = reads.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((reads[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    const piece = low - 1;
    if (piece < 0) return at;
    const [read = 0, write = 0] = [reads[piece], writes[piece]];
    const isWithinEscape = piece % 2 === 0;
    if (!isWithinEscape || at === read) return write + (at - read);
    return isEnd ? (writes[piece + 1] ?? write) : write;
  };
  return {
    text: out,
    written: ({ start, end }) => ({ start: place(start, false), end: place(end, true) }),
  };
}
