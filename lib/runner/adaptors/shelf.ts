import { randomUUID } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { LruMap } from "@/lib/lru-map";
import type { AdaptorInfo } from "@/lib/runner/contract";
import { compareVersions } from "@/lib/versions";
import { AdaptorInstallError } from "./errors";
import { type BuiltAdaptor, decodeArtefact, encodeArtefact, hashOf } from "./file";

const pinSchema = z.object({
  name: z.string(),
  version: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  builder: z.number(),
  /** package-lock.json of the installation, for building it again. */
  lock: z.string().nullable(),
  overrides: z.record(z.string(), z.string()).nullable(),
});
export type Pin = z.output<typeof pinSchema>;

const pinName = (name: string, version: string) => `${encodeURIComponent(`${name}@${version}`)}.json`;

/** Puts a file in place whole or not at all. */
async function place(file: string, data: Uint8Array | string) {
  const draft = `${file}.${randomUUID()}.tmp`;
  await fs.mkdir(path.dirname(file), { recursive: true });
  try {
    await fs.writeFile(draft, data, { mode: 0o644 });
    await fs.rename(draft, file);
  } finally {
    await fs.rm(draft, { force: true });
  }
}

const readOrNull = async (file: string) => {
  try {
    return await fs.readFile(file);
  } catch {
    return null;
  }
};

/** Descriptions kept in memory; others are read from their files again. */
const maxInfos = 2_000;

/** A folder of built adaptors: `<hash>.adaptor` files, and a pin for each name and version that says which. */
export class Shelf {
  readonly #infos = new LruMap<string, AdaptorInfo>(maxInfos);

  constructor(readonly dir: string) {}

  #file = (hash: string) => path.join(this.dir, `${hash}.adaptor`);

  async pin(name: string, version: string): Promise<Pin | null> {
    const text = await readOrNull(path.join(this.dir, "pins", pinName(name, version)));
    return text ? parsePin(text.toString()) : null;
  }

  async pins(): Promise<Pin[]> {
    const files = await fs.readdir(path.join(this.dir, "pins")).catch(() => []);
    const texts = await Promise.all(
      files
        .filter((file) => file.endsWith(".json"))
        .map((file) => readOrNull(path.join(this.dir, "pins", file))),
    );
    const pins = texts.flatMap((text) => (text && parsePin(text.toString())) || []);
    return pins.sort((a, b) => a.name.localeCompare(b.name) || compareVersions(b.version, a.version));
  }

  /** The file of a hash, checked. Throws AdaptorInstallError when it is not here or damaged. */
  async bytes(hash: string): Promise<Buffer> {
    const bytes = /^[0-9a-f]{64}$/.test(hash) ? await readOrNull(this.#file(hash)) : null;
    if (!bytes)
      throw new AdaptorInstallError("missing", "This adaptor is not stored here. Install it again.");
    if (hashOf(bytes) !== hash) {
      throw new AdaptorInstallError(
        "broken",
        "The stored adaptor is damaged. Install it again; nothing of it was run.",
      );
    }
    return bytes;
  }

  async load(hash: string) {
    const decoded = decodeArtefact(await this.bytes(hash), hash);
    this.#infos.set(hash, decoded.info);
    return decoded;
  }

  /** The description of a stored adaptor; read once a process. */
  async info(hash: string): Promise<AdaptorInfo> {
    return this.#infos.get(hash) ?? (await this.load(hash)).info;
  }

  async add(built: BuiltAdaptor, builder: number, lock: string | null): Promise<AdaptorInfo> {
    return this.addBytes(encodeArtefact(built), builder, lock);
  }

  async addBytes(bytes: Uint8Array, builder: number, lock: string | null): Promise<AdaptorInfo> {
    const { info } = decodeArtefact(bytes);
    const { name, version, overrides, artefactHash: hash } = info;
    await place(this.#file(hash), bytes);
    const pin: Pin = { name, version, hash, builder, lock, overrides };
    await place(path.join(this.dir, "pins", pinName(name, version)), JSON.stringify(pin));
    this.#infos.set(hash, info);
    return info;
  }
}

function parsePin(text: string): Pin | null {
  try {
    return pinSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
