import { limits } from "@/lib/limits";
import type { ReadingNote } from "@/lib/words";
import type { Json } from "@/lib/workflow/types";
import { type Decoded, decodeBody } from "./charset";
import { contentTypeOf, dispositionOf } from "./content-type";
import type { Field } from "./fields";
import type { Charset, FilePart } from "./reading";
import { readXml } from "./xml";

/** Fields and files of a `multipart/form-data` body, in the order in which they were sent. */
export type Multipart = {
  fields: Field[];
  files: FilePart[];
  /** Where each of the fields stands in the body. */
  parts: FieldPart[];
  charset: Charset | undefined;
  notes: ReadingNote[];
};

/** A field's content, from `start` to `end`; and as a text, where it is read as XML. */
export type FieldPart = { start: number; end: number; isFile: boolean; xml?: Decoded };

const maxHeaderBytes = 16_384;
/** What may precede the first boundary (RFC 2046, 5.1.1). */
const maxPreambleBytes = 65_536;
/** OpenRosa's form, which is what the message says; the files beside it are its pictures. */
const openRosaForm = "xml_submission_file";

type Part = {
  field: string;
  filename: string | undefined;
  type: string | undefined;
  start: number;
  bytes: Uint8Array;
  isBase64: boolean;
};

/**
 * Reads `multipart/form-data` (RFC 7578). A part with a file name is a file and stands among the fields as
 * `{name, type, size, file}`: its bytes stay where they are. OpenRosa's `xml_submission_file` is read as the XML that it
 * is. Undefined for what is malformed, cut off, or has more parts than any form.
 */
export async function readMultipart(
  bytes: Uint8Array,
  boundary: string,
  chosen?: string,
): Promise<Multipart | undefined> {
  const parts = await partsOf(bytes, boundary);
  if (!parts) return undefined;
  const notes = new Set<ReadingNote>();
  const fallback = latin(parts.named.find((part) => part.field === "_charset_")?.bytes);
  const multipart: Multipart = { fields: [], files: [], parts: [], charset: undefined, notes: [] };
  if (parts.hasUnnamed) notes.add("unnamed_parts");
  for (const part of parts.named) {
    const xml = part.field === openRosaForm ? await xmlOf(part) : undefined;
    const read = xml ?? (part.filename === undefined ? textOf(part, fallback, chosen) : undefined);
    const at = { start: part.start, end: part.start + part.bytes.length };
    if (!read) {
      // A browser sends an empty one when no file was chosen.
      if (part.filename === "" && part.bytes.length === 0) continue;
      multipart.fields.push([part.field, addFile(multipart.files, part)]);
      multipart.parts.push({ ...at, isFile: true });
      continue;
    }
    for (const note of read.notes) notes.add(note);
    multipart.charset ??= read.charset;
    multipart.fields.push([part.field, read.value]);
    multipart.parts.push({ ...at, isFile: false, ...(xml ? { xml: xml.decoded } : {}) });
  }
  return { ...multipart, notes: [...notes] };
}

async function partsOf(
  bytes: Uint8Array,
  boundary: string,
): Promise<{ named: Part[]; hasUnnamed: boolean } | undefined> {
  const start = firstBoundary(bytes, boundary);
  if (start === undefined) return undefined;
  const { parseMultipart } = await import("@remix-run/multipart-parser");
  const most = {
    maxParts: limits.messageParts,
    maxHeaderSize: maxHeaderBytes,
    maxFileSize: bytes.length,
    maxTotalSize: bytes.length,
  };
  const named: Part[] = [];
  let hasUnnamed = false;
  try {
    for (const part of parseMultipart(bytes.subarray(start), { boundary, ...most })) {
      const { name, filename } = dispositionOf(part.headers["content-disposition"]);
      if (name === undefined) {
        hasUnnamed = true;
        continue;
      }
      // Given all bytes at once, the parser hands out views of them.
      const content = part.content[0] ?? bytes.subarray(0, 0);
      named.push({
        field: name,
        filename,
        type: part.headers["content-type"],
        start: content.byteOffset - bytes.byteOffset,
        bytes: content,
        isBase64: part.headers["content-transfer-encoding"]?.toLowerCase() === "base64",
      });
    }
  } catch {
    return undefined;
  }
  return { named, hasUnnamed };
}

type ReadPart = { value: Json; charset: Charset | undefined; notes: ReadingNote[] };

async function xmlOf(part: Part): Promise<(ReadPart & { decoded: Decoded }) | undefined> {
  const { parameters } = contentTypeOf(part.type ?? null);
  const decoded = decodeBody(contentOf(part), {
    kind: "xml",
    declared: parameters.get("charset"),
    chosen: undefined,
  });
  const xml = decoded && (await readXml(decoded.text));
  if (!decoded || !xml) return undefined;
  return { value: xml.value, charset: decoded.charset, notes: [...decoded.notes, ...xml.notes], decoded };
}

/** A field is text, even where its bytes are not: undefined, and with it a file, only for what no charset explains. */
function textOf(part: Part, fallback: string | undefined, chosen: string | undefined): ReadPart | undefined {
  const { parameters } = contentTypeOf(part.type ?? null);
  const declared = parameters.get("charset") ?? fallback;
  const decoded = decodeBody(contentOf(part), { kind: "text", declared, chosen });
  return decoded && { value: decoded.text, charset: decoded.charset, notes: decoded.notes };
}

function addFile(files: FilePart[], part: Part): Json {
  const { type } = contentTypeOf(part.type ?? null);
  const { field, start, bytes, filename = "" } = part;
  const file: FilePart = {
    field,
    name: filename,
    type: type || "application/octet-stream",
    start: bytes.length === 0 ? 0 : start,
    end: bytes.length === 0 ? 0 : start + bytes.length,
    ...(part.isBase64 ? { isBase64: true } : {}),
  };
  files.push(file);
  return { name: file.name, type: file.type, size: bytes.length, file: files.length - 1 };
}

function contentOf({ bytes, isBase64 }: Part): Uint8Array {
  if (!isBase64) return bytes;
  try {
    return Uint8Array.from(atob(latin(bytes) ?? ""), (char) => char.charCodeAt(0));
  } catch {
    return bytes;
  }
}

const chunkBytes = 8192;

function latin(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes) return undefined;
  let text = "";
  for (let at = 0; at < bytes.length; at += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return text;
}

/** Where the first boundary begins; undefined when there is none where it may be. */
function firstBoundary(bytes: Uint8Array, boundary: string): number | undefined {
  const text = latin(bytes.subarray(0, maxPreambleBytes)) ?? "";
  const first = `--${boundary}`;
  if (text.startsWith(first)) return 0;
  const at = text.indexOf(`\r\n${first}`);
  return at < 0 ? undefined : at + 2;
}
