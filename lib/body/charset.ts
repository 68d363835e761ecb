import type { ReadingNote } from "@/lib/words";
import type { Kind } from "./content-type";
import type { Charset } from "./reading";

/** Text, how its bytes were read when that was not as plain UTF-8, and what was odd about it. */
export type Decoded = { text: string; charset: Charset | undefined; notes: ReadingNote[] };

/** What is said about a body's charset apart from its bytes. */
export type SaidCharset = {
  kind: Kind;
  /** `charset` of the content type. */
  declared: string | undefined;
  /** A person's choice, which nothing overrides. */
  chosen: string | undefined;
};

const utf8 = "utf-8";
const western = "windows-1252";
/** Where windows-1252 is not ISO-8859-1: 0x80 to 0x9f. Node 20 reads these as ISO-8859-1, against the standard. */
const c1 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

/** The standard's name of a charset, whatever it is called; undefined for one that the platform does not know. */
export function charsetName(label: string): string | undefined {
  const name = label.trim().toLowerCase();
  if (name === utf8 || name === "utf8") return utf8;
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return undefined;
  }
}

/** Without `stream`, a decoder keeps nothing from one body to the next. */
const utf8Decoder = new TextDecoder(utf8, { fatal: true });

/** The text that bytes stand for in a charset (a name of the standard); undefined when they are none. */
export function decodeAs(bytes: Uint8Array, name: string): string | undefined {
  if (name === western) return decodeWestern(bytes);
  try {
    if (name === utf8) return utf8Decoder.decode(bytes);
    return new TextDecoder(name, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const chunkBytes = 8192;

function decodeWestern(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return text.replace(/[\u0080-\u009f]/g, (char) => c1[char.charCodeAt(0) - 0x80] ?? char);
}

/**
 * The text of a body; undefined when it is none. In this order: a person's choice, a byte order mark, the content type,
 * the document itself (XML declaration, MSH-18), the pattern of zeros that UTF-16 leaves, UTF-8, and for what says that
 * it is text, windows-1252.
 */
export function decodeBody(bytes: Uint8Array, said: SaidCharset): Decoded | undefined {
  if (said.chosen !== undefined) return decodeChosen(bytes, said.chosen);
  const mark = markOf(bytes);
  if (mark && said.kind !== "media") {
    const text = decodeAs(bytes, mark);
    if (text !== undefined && (mark === utf8 || isText(text)))
      return { text, charset: mark === utf8 ? undefined : { name: mark, from: "mark" }, notes: [] };
  }
  const notes: ReadingNote[] = [];
  for (const { label, from } of claims(bytes, said)) {
    const name = orderedName(bytes, label);
    if (name === undefined) {
      notes.push("charset_unknown");
      continue;
    }
    const text = isPossible(bytes, name, from) ? decodeAs(bytes, name) : undefined;
    if (text !== undefined)
      return { text, charset: name === utf8 ? undefined : { name, from }, notes: unique(notes) };
    notes.push("charset_mismatch");
  }
  return decodeUnsaid(bytes, said.kind, unique(notes));
}

function decodeChosen(bytes: Uint8Array, label: string): Decoded | undefined {
  const name = orderedName(bytes, label);
  const text = name === undefined ? undefined : decodeAs(bytes, name);
  return text === undefined || name === undefined
    ? undefined
    : { text, charset: { name, from: "chosen" }, notes: [] };
}

function decodeUnsaid(bytes: Uint8Array, kind: Kind, notes: ReadingNote[]): Decoded | undefined {
  const order = kind === "media" ? undefined : zeroPattern(bytes);
  if (order) {
    const text = decodeAs(bytes, order);
    if (text !== undefined && isText(text)) return { text, charset: { name: order, from: "pattern" }, notes };
  }
  const text = decodeAs(bytes, utf8);
  if (text !== undefined) return { text, charset: undefined, notes };
  if (kind === "media" || kind === "unknown") return undefined;
  const assumed = decodeWestern(bytes);
  return isText(assumed) ? { text: assumed, charset: { name: western, from: "assumed" }, notes } : undefined;
}

function claims(
  bytes: Uint8Array,
  { kind, declared }: SaidCharset,
): { label: string; from: Charset["from"] }[] {
  const made: ReturnType<typeof claims> = [];
  if (declared) made.push({ label: declared, from: "declared" });
  const label = kind === "xml" || kind === "unknown" ? xmlEncoding(bytes) : undefined;
  if (label) made.push({ label, from: "document" });
  const hl7 = hl7Charset(bytes);
  if (hl7) made.push({ label: hl7, from: "document" });
  return made;
}

/** What could be read byte by byte is not in UTF-16, whatever it says. */
const isPossible = (bytes: Uint8Array, name: string, from: Charset["from"]): boolean =>
  !name.startsWith("utf-16") ||
  (from !== "document" && (bytes.includes(0) || decodeAs(bytes, utf8) === undefined));

/** `utf-16` without a byte order mark does not say which byte comes first; the zeros do. */
function orderedName(bytes: Uint8Array, label: string): string | undefined {
  if (/^(utf-16|ucs-2|iso-10646-ucs-2|unicode|csunicode)$/i.test(label.trim()))
    return markOf(bytes) ?? zeroPattern(bytes) ?? "utf-16le";
  return charsetName(label);
}

function markOf(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return utf8;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  return a === 0xfe && b === 0xff ? "utf-16be" : undefined;
}

/** UTF-16 of any markup, JSON or Latin text has a zero in every other place (RFC 4627, section 3; XML 1.0, appendix F). */
function zeroPattern(bytes: Uint8Array): string | undefined {
  if (bytes.length < 2 || bytes.length % 2 === 1) return undefined;
  const [a, b] = bytes;
  if (a !== 0 && b !== 0) return undefined;
  const head = bytes.subarray(0, 512);
  const zeros = [0, 0];
  for (const [index, byte] of head.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const most = head.length * 0.35;
  if (odd >= most && even === 0) return "utf-16le";
  return even >= most && odd === 0 ? "utf-16be" : undefined;
}

const latin = (bytes: Uint8Array, length: number): string =>
  String.fromCharCode(...bytes.subarray(0, length));

function xmlEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0x3c || bytes[1] !== 0x3f) return undefined;
  return /^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']/.exec(latin(bytes, 200))?.[1];
}

/** HL7 table 0211, as far as the names are not the standard's already. */
const hl7Names = new Map(
  Object.entries({
    "UNICODE UTF-8": utf8,
    "UNICODE UTF-16": "utf-16",
    UNICODE: "utf-16",
    ASCII: "us-ascii",
    "ISO IR87": "iso-2022-jp",
    "ISO IR159": "iso-2022-jp",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc-kr",
  }),
);

/** What MSH-18 says; a message may come in the frame of MLLP, which begins with 0x0b. */
function hl7Charset(bytes: Uint8Array): string | undefined {
  const start = bytes[0] === 0x0b ? 1 : 0;
  if (bytes[start] !== 0x4d || bytes[start + 1] !== 0x53 || bytes[start + 2] !== 0x48) return undefined;
  const head = latin(bytes.subarray(start), 1000).split(/[\r\n]/, 1)[0] ?? "";
  const separator = head[3];
  if (!separator || /[A-Za-z0-9]/.test(separator)) return undefined;
  const repetitions = head[5] ?? "~";
  const name = (head.split(separator)[17] ?? "").split(repetitions)[0]?.trim().toUpperCase();
  if (!name) return undefined;
  return hl7Names.get(name) ?? name.replace(/^8859\/(\d+)$/, "iso-8859-$1");
}

/** No control characters but those that texts have: white space, and the frames of HL7 and of JSON sequences. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const isText = (text: string): boolean => !/[\0-\x08\x0e-\x1b\x1d\x1f]/.test(text);

const unique = (notes: ReadingNote[]): ReadingNote[] => [...new Set(notes)];
