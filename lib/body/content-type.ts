import { LruMap } from "@/lib/lru-map";

/**
 * A `Content-Type` header: the type in lower case, without parameters, what it says of how bytes are read, and the
 * parameters by lower-case name.
 */
export type ContentType = { type: string; kind: Kind; parameters: ReadonlyMap<string, string> };

const maxKeptChars = 200;

const parameter = /;\s*([^\s;=]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,]*))/g;

/**
 * The same, where a backslash stands for itself, except before a quote that does not end the value: what follows one that
 * does is the header's end or the other parameter. `C:\photos\` is a file name.
 */
const dispositionParameter =
  /;\s*([^\s;=]+)\s*=\s*(?:"((?:[^"\\]|\\(?!")|\\(?="\s*(?:$|;\s*(?:file)?name\*?\s*=))|\\")*)"|([^;,]*))/gi;

const kept = new LruMap<string, ContentType>(200);

/** Reads a `Content-Type` header as leniently as senders write it; of several values joined by commas, the first. */
export function contentTypeOf(header: string | null): ContentType {
  const text = header ?? "";
  const known = kept.get(text);
  if (known) return known;
  const type = (/^[^;,]*/.exec(text)?.[0] ?? "").trim().toLowerCase();
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, plain] of text.matchAll(parameter)) {
    const key = name.toLowerCase();
    const value = quoted === undefined ? (plain ?? "").trim() : quoted.replace(/\\(.)/g, "$1");
    if (!parameters.has(key)) parameters.set(key, value);
  }
  const read = { type, kind: kindOf(type), parameters };
  if (text.length <= maxKeptChars) kept.set(text, read);
  return read;
}

/**
 * `name` and file name of a part's `Content-Disposition`. Browsers write quotes and line breaks as escapes (HTML standard,
 * multipart/form-data encoding algorithm), others put a backslash before quotes; a backslash elsewhere is one.
 */
export function dispositionOf(header: string | undefined): { name?: string; filename?: string } {
  const found: { name?: string; filename?: string } = {};
  for (const [, key = "", quoted, plain] of (header ?? "").matchAll(dispositionParameter)) {
    const value = quoted === undefined ? (plain ?? "").trim() : unescaped(quoted);
    const lower = key.toLowerCase();
    if (lower === "name") found.name ??= value;
    else if (lower === "filename") found.filename ??= value;
    else if (lower === "filename*") found.filename = extended(value) ?? found.filename ?? value;
  }
  return found;
}

const unescaped = (text: string): string =>
  text.replace(/\\"/g, '"').replace(/%22/g, '"').replace(/%0D/gi, "\r").replace(/%0A/gi, "\n");

/** RFC 8187: `UTF-8''na%C3%AFve.txt`. */
function extended(value: string): string | undefined {
  const text = /^utf-8'[^']*'(.*)$/i.exec(value)?.[1];
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What a type says about how its bytes are to be read. `unknown` says nothing: what they look like decides. */
export type Kind = "json" | "lines" | "form" | "multipart" | "xml" | "hl7" | "text" | "media" | "unknown";

const lines =
  /^(text\/(csv|tab-separated-values)|[a-z]+\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-seq|csv))$/;
const json = /^[a-z]+\/((x-)?json(\+[^/]*)?|[^/]+\+json)$/;
const xml = /^([a-z]+\/xml|[^/]+\/[^/]+\+xml)$/;
const hl7 = /^(x-)?application\/(x-)?(edi-)?hl7|^[a-z]+\/(x-)?hl7/;
const media = /^(image|audio|video|font|model)\//;

/** Which kind a type is of. JSON has gone by many names, some of them from before there were rules. */
function kindOf(type: string): Kind {
  if (lines.test(type)) return "lines";
  if (json.test(type)) return "json";
  if (xml.test(type)) return "xml";
  if (hl7.test(type)) return "hl7";
  if (type === "application/x-www-form-urlencoded") return "form";
  if (type === "multipart/form-data") return "multipart";
  if (type.startsWith("text/") || /^application\/(x-)?(javascript|ecmascript|yaml)$/.test(type))
    return "text";
  return media.test(type) ? "media" : "unknown";
}

/** The type with its charset, where it names one, turned into UTF-8. */
export const withUtf8 = (header: string | null): string | null =>
  header?.replace(/(;\s*charset\s*=\s*)("[^"]*"|[^;,]*)/i, "$1utf-8") ?? null;
