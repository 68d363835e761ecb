import { Buffer } from "node:buffer";
import type { Artefact } from "@/lib/runner/adaptors/artefact";
import { headed } from "@/lib/runner/protocol/frames";
import type { LoadHeader } from "@/lib/runner/protocol/messages";

const encoded = new WeakMap<Artefact, { own: Buffer; codes: Buffer[] }>();

/** An artefact's texts as bytes, made once: every worker that loads it is sent the same. */
function encodedTexts(artefact: Artefact): { own: Buffer; codes: Buffer[] } {
  const known = encoded.get(artefact);
  if (known) return known;
  const made = {
    own: Buffer.from(artefact.own),
    codes: artefact.chunks.map((chunk) => Buffer.from(chunk.code)),
  };
  encoded.set(artefact, made);
  return made;
}

/** The payload that gives a worker its adaptor; without code caches when it is to make them. */
export function loadPayload(artefact: Artefact, inspect: boolean, isExtra = false): Uint8Array[] {
  const { own, codes } = encodedTexts(artefact);
  const caches = artefact.chunks.flatMap((chunk) => (chunk.cache && !inspect ? [chunk.cache] : []));
  const header: LoadHeader = {
    name: artefact.name,
    version: artefact.version,
    ownBytes: own.length,
    chunks: artefact.chunks.map((chunk, index) => ({
      key: chunk.key,
      codeBytes: codes[index]?.length ?? 0,
      cacheBytes: inspect ? 0 : (chunk.cache?.length ?? 0),
    })),
    warm: artefact.warm,
    inspect,
    ...(isExtra ? { isExtra } : {}),
  };
  return headed(header, own, ...codes, ...caches);
}
