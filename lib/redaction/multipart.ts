import type { Field } from "@/lib/body/fields";
import type { FieldPart, Multipart } from "@/lib/body/multipart";
import { bytesOfText, byteText, utf8Text } from "./bytes";
import { type Cut, type Digests, valueText, withCuts } from "./digests";
import { type Look, markedFields } from "./fields";
import type { Mark } from "./marks";
import { xmlCuts } from "./xml";

/**
 * A multipart form with what is marked in it redacted: a field or a whole file becomes a field with the text, a file's name
 * alone is one in its part's header, and OpenRosa's form is XML. Undefined when its parts are not understood.
 */
export async function redactMultipart(
  bytes: Uint8Array,
  { boundary, form, look, digests }: { boundary: string; form: Multipart; look: Look; digests: Digests },
): Promise<Uint8Array | undefined> {
  const marked = markedFields(form.fields, look);
  const text = byteText(bytes);
  let out = "";
  let copied = 0;
  for (const [number, part] of form.parts.entries()) {
    const mark = marked.get(number);
    const field = form.fields[number];
    if (!mark || !field) continue;
    const place = placeOf(text, boundary, { part, after: copied });
    if (!place) return undefined;
    const instead = await redactPart(text, { place, part, field, mark, digests });
    if (instead === undefined) return undefined;
    out += text.slice(copied, place.start) + instead;
    copied = place.end;
  }
  return bytesOfText(out + text.slice(copied));
}

/** Where a part stands, from its headers to the end of its content. */
type PartPlace = { start: number; content: number; end: number };

function placeOf(
  text: string,
  boundary: string,
  { part, after }: { part: FieldPart; after: number },
): PartPlace | undefined {
  const mark = `--${boundary}`;
  const isEmpty = part.start === part.end;
  // Nobody says where an empty one is.
  const at = isEmpty ? text.indexOf(mark, after) : text.lastIndexOf(mark, part.start - 1);
  if (at < after) return undefined;
  const start = text.indexOf("\r\n", at + mark.length) + 2;
  const content = isEmpty ? text.indexOf("\r\n\r\n", start - 2) + 4 : part.start;
  return start < 2 || content < start ? undefined : { start, content, end: isEmpty ? content : part.end };
}

type Redacted = { place: PartPlace; part: FieldPart; field: Field; mark: Mark; digests: Digests };

async function redactPart(
  text: string,
  { place, part, field: [name, value], mark, digests }: Redacted,
): Promise<string | undefined> {
  const disposition = `Content-Disposition: form-data; name="${utf8Text(escaped(name))}"`;
  const content = text.slice(place.content, place.end);
  if (mark.isWhole) {
    const said = part.isFile ? `${btoa(content)}` : valueText(value);
    return `${disposition}\r\n\r\n${await digests.one(said)}`;
  }
  const headers = text.slice(place.start, place.content).split("\r\n").filter(Boolean);
  const others = headers.filter((line) => !/^content-disposition\s*:/i.test(line));
  if (part.isFile) {
    const named = mark.inner.get("name");
    const filename = fileName(value);
    if (!named || !filename) return text.slice(place.start, place.end);
    const lines = [`${disposition}; filename="${await digests.one(filename)}"`, ...others];
    return `${lines.join("\r\n")}\r\n\r\n${content}`;
  }
  if (!part.xml) return text.slice(place.start, place.end);
  const cuts: Cut[] | undefined = xmlCuts(part.xml.text, value, mark);
  if (!cuts) return undefined;
  const xml = await withCuts(part.xml.text, cuts, digests);
  const kept = headers.filter((line) => !/^content-transfer-encoding\s*:/i.test(line));
  return `${kept.join("\r\n")}\r\n\r\n${utf8Text(xml, part.xml.charset !== undefined)}`;
}

/** As browsers write a field's name (HTML, multipart/form-data encoding algorithm). */
const escaped = (name: string): string =>
  name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");

function fileName(value: Field[1]): string | undefined {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string"
    ? value.name
    : undefined;
}
