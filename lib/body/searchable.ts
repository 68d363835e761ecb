import { rewriteJson } from "@/lib/json-text";
import { withoutEscapes } from "@/lib/search/spelling";
import { plainText, type StoredBody } from "./stored";

/**
 * The texts that a stored body is searched in, one by one: what it says without codings and escapes, how it was written,
 * and its JSON `view` (as text) where that says something else: in XML, which it joins, in a body of parts, which is no
 * text as a whole, and for messages of which it is not known how they were read. Bytes that are no text, and files, are
 * not searched.
 */
export async function* searchableTexts(stored: StoredBody & { view: string | null }): AsyncGenerator<string> {
  const { format, view } = stored;
  if (format === "binary" || format === "empty") return;
  const text = format === "multipart" ? undefined : await plainText(stored);
  if (text !== undefined) {
    const said = await withoutEscapes(format, text);
    if (said !== undefined) yield said;
    yield text;
    if (format !== "xml") return;
  }
  if (view === null) return;
  yield partsOf(view).join("\n");
}

/** Keys, texts, numbers and words of JSON text, without its signs. */
export function partsOf(json: string): string[] {
  const parts: string[] = [];
  const keep = (part: string) => {
    parts.push(part);
    return undefined;
  };
  rewriteJson(json, { string: keep, scalar: keep });
  return parts;
}
