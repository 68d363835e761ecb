import { createHash } from "node:crypto";
import { z } from "zod";
import type { AdaptorInfo } from "@/lib/runner/contract";
import type { Artefact } from "./artefact";
import { AdaptorInstallError } from "./errors";

/** What a built adaptor is before it is filed: the artefact and its description, without the hash of both. */
export type BuiltAdaptor = {
  info: Omit<AdaptorInfo, "artefactHash">;
  own: string;
  chunks: { key: string; code: string }[];
  warm: string[];
};

const infoSchema = z.object({
  name: z.string(),
  version: z.string(),
  integrity: z.string().nullable(),
  exports: z.array(z.string()),
  credentialSchema: z.unknown(),
  operations: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      params: z.array(z.object({ name: z.string(), description: z.string() })),
      // What was built before they were read has none.
      examples: z.array(z.object({ caption: z.string(), code: z.string() })).default([]),
    }),
  ),
  overrides: z.record(z.string(), z.string()).nullable(),
});
const headerSchema = z.object({
  format: z.literal(1),
  info: infoSchema,
  ownBytes: z.number().int().nonnegative(),
  chunks: z.array(z.object({ key: z.string(), bytes: z.number().int().nonnegative() })),
  warm: z.array(z.string()),
});

export const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** One file: `u32be header length | header as JSON | own code | chunks`. Its SHA-256 is its name; caches are not in it. */
export function encodeArtefact({ info, own, chunks, warm }: BuiltAdaptor): Buffer {
  const ownBytes = Buffer.from(own);
  const codes = chunks.map((chunk) => Buffer.from(chunk.code));
  const header: z.input<typeof headerSchema> = {
    format: 1,
    info,
    ownBytes: ownBytes.length,
    chunks: chunks.map((chunk, index) => ({ key: chunk.key, bytes: codes[index]?.length ?? 0 })),
    warm,
  };
  const head = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(head.length);
  return Buffer.concat([size, head, ownBytes, ...codes]);
}

const damaged = () =>
  new AdaptorInstallError(
    "broken",
    "The stored adaptor is damaged. Install it again; nothing of it was run.",
  );

/** Reads a file made by `encodeArtefact`. Throws AdaptorInstallError when it is damaged or not the one expected. */
export function decodeArtefact(
  bytes: Uint8Array,
  expectedHash?: string,
): { artefact: Artefact; info: AdaptorInfo } {
  const hash = hashOf(bytes);
  if (expectedHash && hash !== expectedHash) throw damaged();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  const take = (length: number) => {
    if (offset + length > buffer.length) throw damaged();
    offset += length;
    return buffer.toString("utf8", offset - length, offset);
  };
  if (buffer.length < 4) throw damaged();
  offset = 4;
  const header = readHeader(take(buffer.readUInt32BE(0)));
  const own = take(header.ownBytes);
  const chunks = header.chunks.map(({ key, bytes: length }) => ({ key, code: take(length) }));
  if (offset !== buffer.length) throw damaged();
  const { name, version, exports } = header.info;
  return {
    artefact: { name, version, exports, own, chunks, warm: header.warm, hash },
    info: { ...header.info, credentialSchema: header.info.credentialSchema ?? null, artefactHash: hash },
  };
}

function readHeader(text: string) {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch {
    throw damaged();
  }
}
