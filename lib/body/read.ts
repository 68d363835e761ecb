import { sqlJson } from "@/lib/sql-json";
import { withoutNul } from "@/lib/text";
import type { ChosenFormat, MessageFormat, ReadingNote } from "@/lib/words";
import { type Decoded, decodeAs, decodeBody } from "./charset";
import { type Decoders, undoCodings } from "./codings";
import { type ContentType, contentTypeOf, type Kind } from "./content-type";
import { nestFields } from "./fields";
import { readForm } from "./form";
import { looksLikeJson, parseJson } from "./json";
import { readMultipart } from "./multipart";
import { tooLargeToProcess } from "./processable";
import type { Charset, Reading } from "./reading";
import { readXml } from "./xml";

/** What a body's headers say, and what a person says who knows better. */
export type Said = {
  contentType: string | null;
  contentEncoding: string | null;
  /** The bytes are UTF-8, whatever the headers and the document say: we made them from a text. */
  isUtf8?: boolean;
  chosen?: { format?: ChosenFormat | undefined; charset?: string | undefined };
};

/** What a body means. JSON is text, so that no number loses a digit on its way. */
export type ReadBody = {
  format: MessageFormat;
  /** JSON text that triggers are matched against: the body itself, or its view. */
  matchable: string;
  /** JSON text, set when the meaning cannot be had by parsing the stored bytes as UTF-8. */
  view: string | null;
  preview: string;
  /** Null: plain UTF-8, and nothing odd. */
  reading: Reading | null;
};

/** Why a body was not read at all: the first two are about its content codings. */
export type Unread = {
  refused: "unsupported_coding" | "malformed_coding" | "too_large" | "not_as_chosen";
  /** A sentence for the sender. */
  reason?: string;
};

export const previewChars = 200;

/** What a body without bytes means, as in OpenFn. */
const nothing = "{}";

/**
 * Reads a body's meaning. What cannot be read as what it claims to be is text, and what is not text is binary: nothing
 * is refused but content codings that cannot be undone, what no job could process, and a choice that does not fit. The
 * bytes are kept in any case.
 */
export async function readBody(
  bytes: Uint8Array,
  said: Said,
  decoders: Decoders = {},
): Promise<ReadBody | Unread> {
  // Most bodies have none, and wait for nothing.
  const uncoded = said.contentEncoding
    ? await undoCodings(bytes, said.contentEncoding, decoders)
    : { bytes, codings: [], notes: [] };
  if ("refused" in uncoded) return uncoded;
  const { codings, notes } = uncoded;
  const body = new Body(uncoded.bytes, said, { isCoded: uncoded.bytes !== bytes, codings, notes });
  const { format, charset } = said.chosen ?? {};
  const read = format ? await body.as(format) : await body.read();
  if (!read || (charset && !format && read.format === "binary")) return { refused: "not_as_chosen" };
  const reason = tooLargeToProcess(read);
  return reason ? { refused: "too_large", reason } : read;
}

type Coded = { isCoded: boolean; codings: string[]; notes: ReadingNote[] };

/** One body on its way through the readers. */
class Body {
  readonly #type: ContentType;
  readonly #kind: Kind;
  readonly #notes: Set<ReadingNote>;

  constructor(
    readonly bytes: Uint8Array,
    readonly said: Said,
    readonly coded: Coded,
  ) {
    this.#type = contentTypeOf(said.contentType);
    this.#kind = this.#type.kind;
    this.#notes = new Set(coded.notes);
  }

  async read(): Promise<ReadBody> {
    if (this.bytes.length === 0) return this.#made("empty", nothing, this.coded.isCoded ? nothing : null, "");
    const kind = this.#kind;
    if (kind === "multipart") {
      const multipart = await this.#multipart();
      if (multipart) return multipart;
      this.#notes.add("malformed");
    }
    const decoded = this.#decoded(kind);
    if (decoded && kind !== "lines" && kind !== "hl7") {
      const json = this.#json(decoded, kind === "json");
      if (json) return json;
    }
    if (kind === "json" && decoded) this.#notes.add("malformed");
    if (kind === "form") {
      const form = this.#form(decoded);
      if (form) return form;
      this.#notes.add("malformed");
    }
    if (decoded && (kind === "xml" || (kind === "unknown" && /^\s*<\?xml\s/.test(decoded.text)))) {
      const xml = await this.#xml(decoded);
      if (xml) return xml;
      this.#notes.add("malformed");
    }
    return decoded ? this.#text(decoded) : this.#binary();
  }

  /** As a person chose; undefined when it is nothing of the kind. */
  async as(format: ChosenFormat): Promise<ReadBody | undefined> {
    if (format === "binary") return this.#binary();
    if (format === "multipart") return this.#multipart();
    if (format === "form") return this.#form();
    const decoded = this.#decoded(format);
    if (!decoded) return undefined;
    if (format === "json") return this.#json(decoded, true);
    if (format === "xml") return this.#xml(decoded);
    const text = this.#text(decoded);
    return text.format === "text" ? text : undefined;
  }

  #decoded(kind: Kind): Decoded | undefined {
    if (this.said.isUtf8) {
      const text = decodeAs(this.bytes, "utf-8");
      return text === undefined ? undefined : { text, charset: undefined, notes: [] };
    }
    return decodeBody(this.bytes, {
      kind,
      declared: this.#type.parameters.get("charset"),
      chosen: this.said.chosen?.charset,
    });
  }

  /** `isScalarToo`: a number or a text alone is JSON only for who says that it is. */
  #json(decoded: Decoded, isScalarToo: boolean): ReadBody | undefined {
    const { text } = decoded;
    if (!(isScalarToo || looksLikeJson(text)) || !parseJson(text)) return undefined;
    return this.#made("json", text, this.#isPlain(decoded) ? null : text, text, decoded);
  }

  #form(decoded?: Decoded): ReadBody | undefined {
    const declared = this.said.isUtf8 ? "utf-8" : this.#type.parameters.get("charset");
    const form = readForm(this.bytes, declared, this.said.chosen?.charset);
    if (!form) return undefined;
    const view = this.#nested(form.fields);
    const isDecoded = decoded && form.charset?.name === decoded.charset?.name;
    const text = (isDecoded ? decoded.text : decodeAs(this.bytes, form.charset?.name ?? "utf-8")) ?? view;
    return this.#made("form", view, view, text, form);
  }

  async #multipart(): Promise<ReadBody | undefined> {
    const boundary = this.#type.parameters.get("boundary");
    const multipart = boundary
      ? await readMultipart(this.bytes, boundary, this.said.chosen?.charset)
      : undefined;
    if (!multipart) return undefined;
    const view = this.#nested(multipart.fields);
    const { files } = multipart;
    return this.#made("multipart", view, view, view, multipart, files.length > 0 ? { files } : {});
  }

  #nested(fields: Parameters<typeof nestFields>[0]): string {
    const { value, isRepeated, isDeep } = nestFields(fields);
    if (isRepeated) this.#notes.add("repeated_fields");
    if (isDeep) this.#notes.add("deep_fields");
    return sqlJson(value);
  }

  async #xml(decoded: Decoded): Promise<ReadBody | undefined> {
    const xml = await readXml(decoded.text);
    if (!xml) return undefined;
    const view = sqlJson(xml.value);
    const notes = [...decoded.notes, ...xml.notes];
    return this.#made("xml", view, view, decoded.text, { charset: decoded.charset, notes });
  }

  #text(decoded: Decoded): ReadBody {
    // What Postgres cannot hold as text is binary.
    if (decoded.text.includes("\u0000")) return this.#binary();
    const text = JSON.stringify(decoded.text);
    return this.#made("text", text, this.#isPlain(decoded) ? null : text, decoded.text, decoded);
  }

  #binary(): ReadBody {
    return this.#made("binary", "null", null, `${this.bytes.length} bytes`);
  }

  /** Whether the stored bytes are the text in UTF-8: what is all ASCII is so in nearly every charset. */
  #isPlain({ text, charset }: Decoded): boolean {
    if (this.coded.isCoded) return false;
    return charset === undefined || (text.length === this.bytes.length && ascii.test(text));
  }

  #made(
    format: MessageFormat,
    matchable: string,
    view: string | null,
    shown: string,
    { charset, notes = [] }: { charset?: Charset | undefined; notes?: ReadingNote[] } = {},
    more: Pick<Reading, "files"> = {},
  ): ReadBody {
    const { codings } = this.coded;
    const all = [...new Set([...this.#notes, ...notes])];
    const reading: Reading = {
      ...(codings.length > 0 ? { codings } : {}),
      ...(charset ? { charset } : {}),
      ...more,
      ...(all.length > 0 ? { notes: all } : {}),
      ...(this.said.chosen?.format ? { chosen: true } : {}),
    };
    return { format, matchable, view, preview: previewOf(shown), reading: isEmpty(reading) ? null : reading };
  }
}

const ascii = /^[\0-\x7f]*$/;

const isEmpty = (reading: Reading): boolean => Object.keys(reading).length === 0;

/** The first characters of a text, for lists; of what it has made, the same. */
export const previewOf = (text: string): string =>
  withoutNul(
    text
      .slice(0, previewChars * 2)
      .replace(/\s+/g, " ")
      .trim()
      .slice(0, previewChars)
      .trimEnd(),
  );
