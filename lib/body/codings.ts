import { collect } from "@/lib/bytes";
import { limits } from "@/lib/limits";
import type { ReadingNote } from "@/lib/words";
import { charsetName } from "./charset";
import { inflate, TooLongError } from "./inflate";

/** Undoes one content coding. Gives undefined when there is more than `limit` bytes; throws for what is malformed. */
export type Decoder = (bytes: Uint8Array, limit: number) => Promise<Uint8Array | undefined>;
/** Codings that the host can undo besides those that every platform can, by name. */
export type Decoders = Record<string, Decoder>;

export type Uncoded =
  | { bytes: Uint8Array; codings: string[]; notes: ReadingNote[] }
  | { refused: "unsupported_coding" | "malformed_coding" | "too_large" };

/** Inflating in script is slower, and holds up whoever shares the thread. */
const maxScriptInflatedBytes = 10_000_000;

const own: Decoders = {
  gzip: (bytes, limit) => inflated(bytes, "gzip", limit),
  deflate: (bytes, limit) => inflated(bytes, isZlib(bytes) ? "deflate" : "deflate-raw", limit),
};
const aliases = new Map([
  ["x-gzip", "gzip"],
  ["x-deflate", "deflate"],
]);

/** What `accept-encoding` says to a sender whose coding cannot be undone. */
export const supportedCodings = (more: Decoders = {}): string =>
  [...Object.keys(own), ...Object.keys(more), "identity"].join(", ");

/**
 * Undoes the codings of a `Content-Encoding` header (RFC 9110, 8.4), the last one first. A coding that the bytes do not
 * bear is passed over with a note, and so is a charset that stands where a coding should.
 */
export async function undoCodings(
  bytes: Uint8Array,
  header: string | null,
  more: Decoders = {},
): Promise<Uncoded> {
  if (!header || bytes.length === 0) return { bytes, codings: [], notes: [] };
  const named = header
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
  if (named.length > limits.messageCodings) return { refused: "unsupported_coding" };
  const notes = new Set<ReadingNote>();
  const codings: string[] = [];
  let plain = bytes;
  for (const name of named.reverse()) {
    const coding = aliases.get(name) ?? name;
    const undo = Object.hasOwn(own, coding)
      ? own[coding]
      : Object.hasOwn(more, coding)
        ? more[coding]
        : undefined;
    if (!undo) {
      if (charsetName(coding) === undefined) return { refused: "unsupported_coding" };
      notes.add("coding_is_charset");
      continue;
    }
    if (coding === "gzip" && !isGzip(plain)) {
      notes.add("coding_absent");
      continue;
    }
    const next = await undone(undo, plain);
    if (next === "malformed" && coding === "deflate" && isPrintable(plain)) {
      notes.add("coding_absent");
      continue;
    }
    if (next === "malformed") return { refused: "malformed_coding" };
    if (next === undefined) return { refused: "too_large" };
    plain = next;
    codings.unshift(coding);
  }
  return { bytes: plain, codings, notes: [...notes] };
}

async function undone(undo: Decoder, bytes: Uint8Array): Promise<Uint8Array | "malformed" | undefined> {
  try {
    return await undo(bytes, limits.inflatedBytes);
  } catch (error) {
    return error instanceof TooLongError ? undefined : "malformed";
  }
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isZlib = ([method = 0, flags = 0]: Uint8Array): boolean =>
  (method & 15) === 8 && method >> 4 <= 7 && ((method << 8) | flags) % 31 === 0;
/** Nothing that deflate makes is all printable for long. */
const isPrintable = (bytes: Uint8Array): boolean =>
  bytes.subarray(0, 64).every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13));

type Inflated = "gzip" | "deflate" | "deflate-raw";

async function inflated(bytes: Uint8Array, format: Inflated, limit: number): Promise<Uint8Array | undefined> {
  const native = nativeInflater(format);
  if (!native) return inflate(bytes, format, Math.min(limit, maxScriptInflatedBytes));
  return collect(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(native), limit);
}

/** Next's edge runtime has a stub that throws, and its build warns of naming it. */
function nativeInflater(format: Inflated): DecompressionStream | undefined {
  const Native: typeof DecompressionStream | undefined = Reflect.get(globalThis, "DecompressionStream");
  try {
    return Native && new Native(format);
  } catch {
    return undefined;
  }
}
