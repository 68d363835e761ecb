import fs from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Artefact } from "./artefact";
import { hashOf } from "./file";

const headerSchema = z.object({
  sha256: z.string(),
  chunks: z.array(z.object({ key: z.string(), bytes: z.number().int().nonnegative() })),
});

const fileOf = (dir: string, hash: string, cacheKey: string) =>
  path.join(dir, `${hash}.${encodeURIComponent(cacheKey)}.caches`);

/** V8 runs a code cache as it is: these files are made by our own inspection, stay on this machine and are checked. */
export async function writeCaches(
  dir: string,
  hash: string,
  cacheKey: string,
  caches: Record<string, Uint8Array>,
) {
  const entries = Object.entries(caches);
  const body = Buffer.concat(entries.map(([, bytes]) => bytes));
  const chunks = entries.map(([key, bytes]) => ({ key, bytes: bytes.length }));
  const head = Buffer.from(JSON.stringify({ sha256: hashOf(body), chunks }));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(head.length);
  const file = fileOf(dir, hash, cacheKey);
  const draft = `${file}.${process.pid}.tmp`;
  await fs.writeFile(draft, Buffer.concat([size, head, body]), { mode: 0o644 });
  await fs.rename(draft, file);
}

/** Gives the chunks their caches. Returns false when there are none for this runtime, or they are damaged. */
export async function readCaches(dir: string, artefact: Artefact, cacheKey: string): Promise<boolean> {
  try {
    const bytes = await fs.readFile(fileOf(dir, artefact.hash, cacheKey));
    const start = 4 + bytes.readUInt32BE(0);
    const { sha256, chunks } = headerSchema.parse(JSON.parse(bytes.toString("utf8", 4, start)));
    const body = bytes.subarray(start);
    if (hashOf(body) !== sha256) return false;
    const found = new Map<string, Uint8Array>();
    let offset = 0;
    for (const { key, bytes: length } of chunks) {
      found.set(key, body.subarray(offset, offset + length));
      offset += length;
    }
    for (const chunk of artefact.chunks) {
      const cache = found.get(chunk.key);
      if (cache) chunk.cache = cache;
    }
    return true;
  } catch {
    return false;
  }
}
