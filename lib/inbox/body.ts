import { collect, decodeUtf8 } from "@/lib/bytes";
import { limits } from "@/lib/limits";
import { withoutNul } from "@/lib/text";
import type { MessageFormat } from "@/lib/words";
import type { Json } from "@/lib/workflow/types";
import { inflate } from "./inflate";

/** What a body is: `view` is set when the JSON meaning cannot be had by parsing the stored bytes. */
export type ReadBody = {
  format: MessageFormat;
  /** JSON text that triggers are matched against: the body itself, or its view. */
  matchable: string;
  view: Json | undefined;
  preview: string;
};

const previewChars = 200;

/**
 * Reads a body's meaning without ever failing: what cannot be read as what it claims to be is text, and what is not
 * text is binary. The bytes are kept in any case.
 */
export async function readBody(
  bytes: Uint8Array,
  contentType: string | null,
  encoding: string | null,
): Promise<ReadBody> {
  if (bytes.length === 0) return { format: "empty", matchable: "null", view: undefined, preview: "" };
  const plain = encoding ? await decompress(bytes, encoding) : bytes;
  const text = plain && decodeUtf8(plain);
  const binary: ReadBody = {
    format: "binary",
    matchable: "null",
    view: undefined,
    preview: `${bytes.length} bytes`,
  };
  if (text === undefined) return binary;
  const preview = textPreview(text);
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const stored = plain !== bytes;

  const json = looksLikeJson(text) && parseJson(text);
  // curl -d sends JSON as a form when nobody names the type: what parses as JSON is JSON.
  if (
    json &&
    (isJsonType(type) || type === "" || type === "application/x-www-form-urlencoded" || type === "text/plain")
  )
    return { format: "json", matchable: text, view: stored ? json.value : undefined, preview };
  if (isJsonType(type)) {
    const scalar = parseJson(text);
    if (scalar) return { format: "json", matchable: text, view: stored ? scalar.value : undefined, preview };
  }
  if (type === "application/x-www-form-urlencoded") {
    const view = parseForm(text);
    return { format: "form", matchable: JSON.stringify(view), view, preview };
  }
  if (type === "application/xml" || type === "text/xml" || type.endsWith("+xml")) {
    const view = await parseXml(text);
    if (view !== undefined) return { format: "xml", matchable: JSON.stringify(view), view, preview };
  }
  // What Postgres cannot hold as text is binary too.
  if (text.includes("\u0000")) return binary;
  return { format: "text", matchable: JSON.stringify(text), view: stored ? text : undefined, preview };
}

const isJsonType = (type: string) =>
  type === "application/json" || type.endsWith("+json") || type === "text/json";
const looksLikeJson = (text: string) => /^\s*[[{]/.test(text);
const textPreview = (text: string) =>
  withoutNul(
    text
      .slice(0, previewChars * 2)
      .replace(/\s+/g, " ")
      .trim()
      .slice(0, previewChars),
  );

function parseJson(text: string): { value: Json } | undefined {
  if (deeperThan(text, limits.messageLevels)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Counts brackets outside strings: cheap, and enough to keep hostile nesting away from every recursive reader. */
function deeperThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 92) i++;
      else if (c === 34) inString = false;
    } else if (c === 34) inString = true;
    else if (c === 91 || c === 123) {
      if (++depth > limit) return true;
    } else if (c === 93 || c === 125) depth--;
  }
  return false;
}

/** A repeated field becomes a list, as in OpenFn's params. */
function parseForm(text: string): Record<string, string | string[]> {
  const fields = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(text)) {
    const k = withoutNul(key);
    fields.set(k, [...(fields.get(k) ?? []), withoutNul(value)]);
  }
  return Object.fromEntries([...fields].map(([k, v]) => [k, v.length === 1 ? (v[0] ?? "") : v]));
}

/** Attributes are `@name`, text beside elements `#text`. Entities other than XML's own five are not expanded. */
async function parseXml(text: string): Promise<Json | undefined> {
  if (/<!DOCTYPE/i.test(text) || (text.match(/</g)?.length ?? 0) > 200_000) return undefined;
  const { XMLParser, XMLValidator } = await import("fast-xml-parser");
  try {
    if (XMLValidator.validate(text) !== true) return undefined;
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: "@",
      parseTagValue: false,
      ignoreDeclaration: true,
    });
    return parser.parse(text);
  } catch {
    return undefined;
  }
}

const maxInflatedBytes = 50_000_000;
/** Inflating in script is slower, and holds up whoever shares the thread. */
const maxScriptInflatedBytes = 10_000_000;

async function decompress(bytes: Uint8Array, encoding: string): Promise<Uint8Array | undefined> {
  if (encoding === "identity") return bytes;
  if (encoding !== "gzip" && encoding !== "deflate") return undefined;
  const native = nativeInflater(encoding);
  try {
    if (!native) return inflate(bytes, encoding, maxScriptInflatedBytes);
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(native);
    return await collect(stream, maxInflatedBytes);
  } catch {
    return undefined;
  }
}

/** Next's edge runtime has a stub that throws, and its build warns of naming it. */
function nativeInflater(encoding: "gzip" | "deflate"): DecompressionStream | undefined {
  const Native: typeof DecompressionStream | undefined = Reflect.get(globalThis, "DecompressionStream");
  try {
    return Native && new Native(encoding);
  } catch {
    return undefined;
  }
}
