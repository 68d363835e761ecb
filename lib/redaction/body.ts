import { charsetName, decodeAs } from "@/lib/body/charset";
import { contentTypeOf } from "@/lib/body/content-type";
import { type Field, nestFields } from "@/lib/body/fields";
import { readForm } from "@/lib/body/form";
import { readMultipart } from "@/lib/body/multipart";
import type { ReadBody, Said } from "@/lib/body/read";
import type { Json } from "@/lib/workflow/types";
import { type Cut, type Digests, withCuts } from "./digests";
import type { Look } from "./fields";
import { redactForm } from "./form";
import { jsonCuts } from "./json";
import type { Mark } from "./marks";
import { redactMultipart } from "./multipart";
import { xmlCuts } from "./xml";

/** A body that paths lead into. */
export type OpenBody = {
  /** What it means, as far as it can be redacted. */
  data: Json;
  /** Its bytes, without content codings, with what the paths lead to redacted; undefined when that cannot be done. */
  redacted(by: Redacting): Promise<Uint8Array | undefined>;
};

/** `mark` is what `look` marks of the data. */
type Redacting = { mark: Mark; look: Look; digests: Digests };

type Opened = { plain: Uint8Array; read: ReadBody; said: Said };

/** Opens a body, `plain` without its content codings; undefined for texts and bytes, which no path leads into. */
export async function openBody(body: Opened): Promise<OpenBody | undefined> {
  switch (body.read.format) {
    case "json":
      return openText(body, (text, _, mark) => jsonCuts(text, mark));
    case "xml":
      return openText(body, xmlCuts);
    case "form":
      return openForm(body);
    case "multipart":
      return openMultipart(body);
    default:
      return undefined;
  }
}

type Cutting = (text: string, data: Json, mark: Mark) => Cut[] | undefined;

function openText({ plain, read }: Opened, cutting: Cutting): OpenBody | undefined {
  const charset = read.reading?.charset?.name;
  const text = decodeAs(plain, charset ?? "utf-8");
  if (text === undefined) return undefined;
  const data: Json = JSON.parse(read.format === "json" ? text : read.matchable);
  return {
    data,
    async redacted({ mark, digests }) {
      const cuts = cutting(text, data, mark);
      if (!cuts) return undefined;
      const isMarked = hasMark(plain) || (charset !== undefined && !isAscii(text, plain));
      const all = await withCuts(text, cuts, digests);
      // A reader believes the mark, whatever charset the document or its type names.
      return encoder.encode(isMarked ? `\ufeff${all}` : all);
    },
  };
}

const encoder = new TextEncoder();
const hasMark = ([a, b, c]: Uint8Array): boolean => a === 0xef && b === 0xbb && c === 0xbf;
const isAscii = (text: string, bytes: Uint8Array): boolean =>
  text.length === bytes.length && /^[\0-\x7f]*$/.test(text);

function openForm({ plain, read, said }: Opened): OpenBody | undefined {
  const charset = read.reading?.charset;
  const chosen = charset?.from === "chosen" ? charset.name : undefined;
  const declared = said.isUtf8 ? "utf-8" : contentTypeOf(said.contentType).parameters.get("charset");
  const form = readForm(plain, declared, chosen);
  if (!form) return undefined;
  const fields = form.fields.map((field) => lookedAt(field));
  return {
    data: nestFields(fields).value,
    redacted: ({ look, digests }) => redactForm(plain, { fields, look, digests }),
  };
}

async function openMultipart({ plain, said }: Opened): Promise<OpenBody | undefined> {
  const boundary = contentTypeOf(said.contentType).parameters.get("boundary");
  const form = boundary ? await readMultipart(plain, boundary, said.chosen?.charset) : undefined;
  if (!boundary || !form) return undefined;
  const fields = form.fields.map((field, i) => lookedAt(field, form.parts[i]?.isFile));
  return {
    data: nestFields(fields).value,
    redacted: ({ look, digests }) =>
      redactMultipart(plain, { boundary, form: { ...form, fields }, look, digests }),
  };
}

/** What a sender has said in a field: not which charset the others are in, and of a file not what we say of it. */
function lookedAt([name, value]: Field, isFile = false): Field {
  const isCharset = name === "_charset_" && typeof value === "string" && charsetName(value) !== undefined;
  return [name, isFile ? { name: (value as { name: string }).name } : isCharset ? "" : value];
}
