import { formatBytes } from "@/components/ui/format";
import type { FilePart, Reading } from "@/lib/body/reading";
import type { CharsetSource, MessageFormat, ReadingNote } from "@/lib/words";

const formats: Record<MessageFormat, string> = {
  json: "JSON",
  form: "form",
  multipart: "multipart form",
  xml: "XML",
  text: "text",
  binary: "bytes, not text",
  empty: "nothing",
};

/** Texts that have names of their own, by what their type says. */
const kinds: [RegExp, string][] = [
  [/hl7/, "HL7 v2 text"],
  [/ndjson|jsonl|json-lines|jsonlines|json-seq/, "lines of JSON, as text"],
  [/csv|tab-separated/, "CSV text"],
];

const sources: Record<CharsetSource, string> = {
  declared: "as declared",
  document: "as the document says",
  mark: "by its byte order mark",
  pattern: "by the pattern of its bytes",
  assumed: "assumed, because it is not UTF-8",
  chosen: "as chosen",
};

const notes: Record<ReadingNote, string> = {
  charset_unknown: "It names a charset that nobody knows.",
  charset_mismatch: "It is not in the charset that it names.",
  coding_absent: "Its headers say that it is compressed, which it is not.",
  coding_is_charset: "Its Content-Encoding names a charset, which was passed over.",
  malformed: "It is not what its content type says.",
  repeated_fields: "A field was sent more than once: the last one counts.",
  deep_fields: "A field is nested too deeply and keeps its name as it was sent.",
  unnamed_parts: "A part has no name and is in the raw body only.",
  entities_kept: "It uses entities that nothing defines; they stand as they were written.",
};

type Read = { format: MessageFormat; contentType: string | null; reading: Reading | null };

/** How a body was read, in words: "form, windows-1252 as declared, 1 file". */
export function readingInWords({ format, contentType, reading }: Read): string {
  const type = (contentType ?? "").toLowerCase();
  const kind = format === "text" ? kinds.find(([pattern]) => pattern.test(type))?.[1] : undefined;
  const files = reading?.files?.length ?? 0;
  const hasText = format !== "binary" && format !== "empty";
  return [
    `${kind ?? formats[format]}${reading?.chosen ? " as chosen" : ""}`,
    hasText && charsetWords(reading),
    reading?.codings && `unpacked (${reading.codings.join(", ")})`,
    files > 0 && `${files} ${files === 1 ? "file" : "files"}`,
  ]
    .filter(Boolean)
    .join(", ");
}

const charsetWords = (reading: Reading | null): string =>
  reading?.charset ? `${reading.charset.name} ${sources[reading.charset.from]}` : "UTF-8";

/** Whether a person said how it is to be read. */
export const isReadAsChosen = (reading: Reading | null): boolean =>
  reading?.chosen === true || reading?.charset?.from === "chosen";

/** What was odd, a sentence each. */
export function oddities(reading: Reading | null): string[] {
  const said = (reading?.notes ?? []).map((note) => notes[note]);
  if (!reading?.parameters) return said;
  return [...said, `A parameter was sent more than once: ?${new URLSearchParams(reading.parameters)}`];
}

/** What was redacted before it was stored, in words; null for nothing. */
export function redactedInWords(reading: Reading | null): string | null {
  if (!reading?.redacted) return null;
  const paths = reading.redacted.join(", ");
  return paths || "a value that a later one of the same name hid";
}

/** "1.jpg, image/jpeg, 20 kB". */
export const fileInWords = ({ name, type, start, end }: FilePart): string =>
  [name || "without a name", type, formatBytes(end - start)].join(", ");
