import type { Field } from "@/lib/body/fields";
import { bytesOfText, byteText } from "./bytes";
import { type Digests, valueText, withCuts } from "./digests";
import { type Look, markedFields } from "./fields";

/** Fields, in the order in which they were sent, with what the paths lead to redacted. */
export async function redactFields<F extends Field>(
  fields: readonly F[],
  { look, digests }: { look: Look; digests: Digests },
): Promise<F[]> {
  const marked = markedFields(fields, look);
  const texts = [...marked.keys()].map((number) => valueText(fields[number]?.[1]));
  const made = await digests.of(texts);
  return fields.map((field, number) =>
    marked.has(number) ? ([field[0], made.get(valueText(field[1])) ?? ""] as unknown as F) : field,
  );
}

/** The bytes of a form with what the paths lead to redacted; `fields` are its fields as they were read. */
export async function redactForm(
  bytes: Uint8Array,
  { fields, look, digests }: { fields: readonly Field[]; look: Look; digests: Digests },
): Promise<Uint8Array> {
  const marked = markedFields(fields, look);
  const text = byteText(bytes);
  const parts = partsOf(text);
  const cuts = [...marked.keys()]
    .sort((a, b) => a - b)
    .flatMap((number) => {
      const part = parts[number];
      return part ? [{ ...part, value: valueText(fields[number]?.[1]) }] : [];
    });
  return bytesOfText(await withCuts(text, cuts, digests));
}

/** Where the value of each field stands: what is between two `&` and not empty is one. */
function partsOf(text: string): { start: number; end: number }[] {
  const parts: { start: number; end: number }[] = [];
  for (let at = 0; at <= text.length; ) {
    const next = text.indexOf("&", at);
    const end = next < 0 ? text.length : next;
    if (end > at) {
      const sign = text.slice(at, end).indexOf("=");
      parts.push({ start: sign < 0 ? end : at + sign + 1, end });
    }
    at = end + 1;
  }
  return parts;
}
