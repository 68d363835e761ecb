import type { MessageFormat } from "@/lib/words";
import { decodeAs } from "./charset";
import { undoCodings } from "./codings";
import { readForm } from "./form";
import { nodeDecoders } from "./node-decoders";
import type { FilePart, Reading } from "./reading";

/** A stored body: its bytes as they came, and how they were read. */
export type StoredBody = { format: MessageFormat; body: Uint8Array; reading: Reading | null };

/** A stored body's bytes without their content codings. Throws when this process cannot undo what the inbox could. */
export async function plainBytes({ body, reading }: Omit<StoredBody, "format">): Promise<Uint8Array> {
  if (!reading?.codings) return body;
  const uncoded = await undoCodings(body, reading.codings.join(", "), nodeDecoders);
  if ("refused" in uncoded) throw new Error("The body's content coding cannot be undone here.");
  return uncoded.bytes;
}

/** A stored body's text, decoded as it was read; undefined when it is none. */
export async function plainText(stored: StoredBody): Promise<string | undefined> {
  if (stored.format === "binary") return undefined;
  const bytes = await plainBytes(stored);
  const charset = stored.reading?.charset?.name;
  // Parts have charsets of their own: only a body that is UTF-8 throughout is a text.
  if (stored.format === "multipart" || charset === undefined) return decodeAs(bytes, "utf-8");
  if (stored.format !== "form") return decodeAs(bytes, charset);
  // Its escapes stand for bytes of that charset: the same fields in UTF-8 are what can be shown and edited.
  const fields = readForm(bytes, undefined, charset)?.fields ?? [];
  return new URLSearchParams(fields).toString();
}

/** A file's bytes, from the body without its content codings. */
export function fileBytes(plain: Uint8Array, { start, end, isBase64 }: FilePart): Uint8Array {
  const bytes = plain.subarray(start, end);
  return isBase64 ? Buffer.from(Buffer.from(bytes).toString("latin1"), "base64") : bytes;
}

/** What triggers are matched against, as JSON text, of a stored body and its view: what `readBody` called `matchable`. */
export async function matchableText(stored: StoredBody & { view: string | null }): Promise<string> {
  const { format, view } = stored;
  if (format === "empty") return view ?? "{}";
  if (format === "binary") return "null";
  if (view !== null) return view;
  const text = (await plainText(stored)) ?? "";
  return format === "json" ? text : JSON.stringify(text);
}
