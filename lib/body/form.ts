import { limits } from "@/lib/limits";
import type { ReadingNote } from "@/lib/words";
import { charsetName, decodeAs } from "./charset";
import type { Charset } from "./reading";

/** A form's fields in the order in which they were sent. */
export type Form = { fields: Pair[]; charset: Charset | undefined; notes: ReadingNote[] };

/**
 * Reads `application/x-www-form-urlencoded` by the URL standard, in the charset that the content type declares or the
 * field `_charset_` names, else in UTF-8, else in windows-1252. Undefined for more fields than any form has.
 */
export function readForm(bytes: Uint8Array, declared: string | undefined, chosen?: string): Form | undefined {
  const text = decodeAs(bytes, "utf-8");
  // What is all ASCII, as it should be, has a character for each byte already.
  const pairs = pairsOf(text?.length === bytes.length ? text : binaryText(bytes));
  if (!pairs) return undefined;
  const notes: ReadingNote[] = [];
  const named = pairs.find(([name]) => name === "_charset_")?.[1];
  const claims: { label: string | undefined; from: Charset["from"] }[] = chosen
    ? [{ label: chosen, from: "chosen" }]
    : [
        { label: declared, from: "declared" },
        { label: named, from: "document" },
      ];
  for (const { label, from } of claims) {
    if (!label) continue;
    const name = charsetName(label);
    const fields = name === undefined ? undefined : decodePairs(pairs, name);
    if (fields && name) return { fields, charset: name === "utf-8" ? undefined : { name, from }, notes };
    if (from === "chosen") return undefined;
    notes.push(name === undefined ? "charset_unknown" : "charset_mismatch");
  }
  const fields = decodePairs(pairs, "utf-8");
  if (fields) return { fields, charset: undefined, notes };
  const assumed = decodePairs(pairs, "windows-1252") ?? [];
  return { fields: assumed, charset: { name: "windows-1252", from: "assumed" }, notes };
}

/** Fields of a query string, with or without its question mark. */
export const readQuery = (search: string): Pair[] =>
  readForm(new TextEncoder().encode(search.replace(/^\?/, "")), undefined)?.fields ?? [];

type Pair = [name: string, value: string];

function pairsOf(text: string): Pair[] | undefined {
  const parts = text.split("&", limits.messageFields + 1);
  if (parts.length > limits.messageFields) return undefined;
  return parts
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
    });
}

/** Undefined when a name or a value is not in that charset. */
function decodePairs(pairs: Pair[], charset: string): Pair[] | undefined {
  const fields: Pair[] = [];
  for (const [name, value] of pairs) {
    const key = decodePart(name, charset);
    const text = decodePart(value, charset);
    if (key === undefined || text === undefined) return undefined;
    fields.push([key, text]);
  }
  return fields;
}

const plain = /^[\0-\x24\x26-\x2a\x2c-\x7f]*$/;

function decodePart(part: string, charset: string): string | undefined {
  if (plain.test(part)) return part;
  return decodeAs(unescaped(part), charset);
}

/** `+` is a space, `%` and two hexadecimal digits a byte; any other `%` is itself. */
function unescaped(part: string): Uint8Array {
  const bytes = new Uint8Array(part.length);
  let length = 0;
  for (let at = 0; at < part.length; at++) {
    const code = part.charCodeAt(at);
    const hex = code === 0x25 ? part.slice(at + 1, at + 3) : "";
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      bytes[length++] = Number.parseInt(hex, 16);
      at += 2;
    } else bytes[length++] = code === 0x2b ? 0x20 : code;
  }
  return bytes.subarray(0, length);
}

const chunkBytes = 8192;

/** Each byte as the character of its number. */
function binaryText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return text;
}
