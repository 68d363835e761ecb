import { LruMap } from "@/lib/lru-map";
import type { AdaptorInfo, PublishedVersions } from "@/lib/runner/contract";
import { isExactVersion, newestVersion } from "@/lib/versions";
import type { Artefact, ArtefactInspection } from "./artefact";
import { buildAdaptor, builderVersion } from "./build";
import { readCaches, writeCaches } from "./caches";
import { AdaptorInstallError } from "./errors";
import { decodeArtefact, encodeArtefact } from "./file";
import { type Inspector, workerInspector } from "./inspector";
import { type InstallInput, installAdaptor } from "./install";
import { checkName, checkVersion } from "./names";
import type { NpmSettings } from "./npm";
import { PublishedLists } from "./published";
import { inThrowAwayFolder, lookUp } from "./registry";
import { type Pin, Shelf } from "./shelf";

export { AdaptorInstallError } from "./errors";
export type { Inspector } from "./inspector";

export type AdaptorStoreOptions = NpmSettings & {
  /** Where installed adaptors are kept; made when missing. */
  dir: string;
  /** Adaptors that came with the installation, made by `buildBuiltins`; never written to. */
  builtinDir?: string | undefined;
  /** Packages besides `@openfn/language-*` that the operator allows. */
  listed?: readonly string[] | undefined;
  /** Absent means our own workers; null skips the load test and the code caches. */
  inspector?: Inspector | null | undefined;
};

export type AdaptorStore = {
  /** A stored adaptor, installed first when it is not stored yet. `version` is exact. Throws AdaptorInstallError. */
  get(name: string, version: string): Promise<Artefact>;
  /** Pins a version or tag: looks it up, installs and builds it when needed. Throws AdaptorInstallError. */
  resolve(name: string, versionOrTag: string): Promise<AdaptorInfo>;
  /** Every stored adaptor, by name, newest first. */
  list(): Promise<AdaptorInfo[]>;
  /** What the registry has of an adaptor, as it was at most a few minutes ago. Throws AdaptorInstallError. */
  published(name: string): Promise<PublishedVersions>;
  /** The artefact as one file, for a database or object store. Throws AdaptorInstallError. */
  export(hash: string): Promise<Uint8Array>;
  /** Stores an exported artefact; with `hash`, only that one. Throws AdaptorInstallError when it is damaged. */
  import(bytes: Uint8Array, hash?: string): Promise<AdaptorInfo>;
};

const maxLoaded = 24;
const maxBuilds = 2;
const maxWaiting = 16;
class Store implements AdaptorStore {
  readonly #own: Shelf;
  readonly #shelves: Shelf[];
  /** Work under way, so that asking twice never installs twice. */
  readonly #pending = new Map<string, Promise<AdaptorInfo>>();
  readonly #loaded = new LruMap<string, Promise<Artefact>>(maxLoaded);
  readonly #queue: (() => void)[] = [];
  readonly #inspector: Inspector | null;
  readonly #published: PublishedLists;
  #builds = 0;

  constructor(readonly options: AdaptorStoreOptions) {
    this.#inspector = options.inspector === undefined ? workerInspector : options.inspector;
    this.#published = new PublishedLists(options);
    this.#own = new Shelf(options.dir);
    this.#shelves = options.builtinDir ? [this.#own, new Shelf(options.builtinDir)] : [this.#own];
  }

  async get(name: string, version: string): Promise<Artefact> {
    checkName(name, this.options.listed);
    if (!isExactVersion(version)) {
      throw new AdaptorInstallError("invalid", `${name} must be pinned to an exact version before it runs.`);
    }
    const { artefactHash } = await this.resolve(name, version);
    return this.#load(artefactHash);
  }

  async resolve(name: string, versionOrTag: string): Promise<AdaptorInfo> {
    checkName(name, this.options.listed);
    checkVersion(versionOrTag);
    return this.#once(`${name}@${versionOrTag}`, async () => {
      if (isExactVersion(versionOrTag)) return this.#pinned(name, versionOrTag);
      const found = await lookUp(name, versionOrTag, this.options).catch((error: unknown) =>
        this.#newestHere(name, error),
      );
      return this.#once(`${name}@${found.version}`, () => this.#pinned(name, found.version, found.integrity));
    });
  }

  async list(): Promise<AdaptorInfo[]> {
    const pins = (
      await Promise.all(
        this.#shelves.map((shelf) => shelf.pins().then((all) => all.map((pin) => ({ shelf, pin })))),
      )
    ).flat();
    const seen = new Set<string>();
    const chosen = pins.filter(({ pin }) => {
      const key = `${pin.name}@${pin.version}`;
      return !seen.has(key) && seen.add(key);
    });
    const infos = await Promise.all(chosen.map(({ shelf, pin }) => shelf.info(pin.hash).catch(() => null)));
    return infos.filter((info) => info !== null).sort((a, b) => a.name.localeCompare(b.name));
  }

  async published(name: string): Promise<PublishedVersions> {
    checkName(name, this.options.listed);
    return this.#published.of(name);
  }

  async export(hash: string): Promise<Uint8Array> {
    return (await this.#find(hash)).bytes(hash);
  }

  async import(bytes: Uint8Array, hash?: string): Promise<AdaptorInfo> {
    const { info } = decodeArtefact(bytes, hash);
    checkName(info.name, this.options.listed);
    return this.#own.addBytes(bytes, builderVersion, null);
  }

  /** Runs work once for all who ask for it meanwhile. */
  #once(key: string, work: () => Promise<AdaptorInfo>): Promise<AdaptorInfo> {
    const known = this.#pending.get(key);
    if (known) return known;
    const promise = work().finally(() => this.#pending.delete(key));
    this.#pending.set(key, promise);
    return promise;
  }

  async #pinned(name: string, version: string, integrity: string | null = null): Promise<AdaptorInfo> {
    let known: Pin | null = null;
    for (const shelf of this.#shelves) {
      const pin = await shelf.pin(name, version);
      if (!pin) continue;
      known ??= pin;
      const info = await shelf.info(pin.hash).catch(() => null);
      if (info) return info;
    }
    return this.#install(name, version, integrity, known);
  }

  async #newestHere(name: string, reason: unknown) {
    if (!(reason instanceof AdaptorInstallError) || reason.problem !== "unreachable") throw reason;
    const pins = (await Promise.all(this.#shelves.map((shelf) => shelf.pins()))).flat();
    const version = newestVersion(pins.filter((pin) => pin.name === name).map((pin) => pin.version));
    if (!version) throw reason;
    return { version, integrity: null };
  }

  async #install(
    name: string,
    version: string,
    expected: string | null,
    earlier: Pin | null,
  ): Promise<AdaptorInfo> {
    const lock = earlier?.lock ?? null;
    const integrity = lock ? null : (expected ?? (await lookUp(name, version, this.options)).integrity);
    const input = { name, version, integrity, lock, overrides: earlier?.overrides ?? null };
    await this.#startBuild();
    try {
      return await inThrowAwayFolder((folder) => this.#build(folder, input));
    } finally {
      this.#builds--;
      this.#queue.shift()?.();
    }
  }

  async #build(folder: string, input: InstallInput): Promise<AdaptorInfo> {
    const { name } = input;
    const { lock, integrity, overrides } = await installAdaptor(folder, input, this.options);
    const built = await buildAdaptor({ dir: folder, name, integrity, overrides });
    if (built.info.version !== input.version) {
      const message = `${name}@${input.version} says of itself that it is ${built.info.version}, so it cannot be pinned. Choose another version.`;
      throw new AdaptorInstallError("broken", message);
    }
    const tried = await this.#inspect(decodeArtefact(encodeArtefact(built)).artefact);
    if (tried) built.info.exports = tried.exports.filter((item) => item !== "default").sort();
    const info = await this.#own.add(built, builderVersion, lock);
    if (tried) await writeCaches(this.options.dir, info.artefactHash, tried.cacheKey, tried.caches);
    return info;
  }

  async #startBuild() {
    if (this.#queue.length >= maxWaiting) {
      throw new AdaptorInstallError(
        "busy",
        "Many adaptors are being installed at the moment. Try again in a few minutes.",
      );
    }
    while (this.#builds >= maxBuilds) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#builds++;
  }

  async #inspect(artefact: Artefact): Promise<ArtefactInspection | null> {
    try {
      return (await this.#inspector?.inspect(artefact)) ?? null;
    } catch (error) {
      const output = error instanceof Error ? error.message : String(error);
      const message = `${artefact.name}@${artefact.version} was installed but does not start in the job sandbox. Choose another version.`;
      throw new AdaptorInstallError("broken", message, output.slice(0, 4000));
    }
  }

  async #find(hash: string): Promise<Shelf> {
    for (const shelf of this.#shelves)
      if (
        await shelf.bytes(hash).then(
          () => true,
          () => false,
        )
      )
        return shelf;
    return this.#own;
  }

  #load(hash: string): Promise<Artefact> {
    return this.#loaded.getOrMake(hash, () => {
      const loading = this.#read(hash);
      loading.catch(() => this.#loaded.delete(hash));
      return loading;
    });
  }

  async #read(hash: string): Promise<Artefact> {
    const shelf = await this.#find(hash);
    const { artefact } = await shelf.load(hash);
    const inspector = this.#inspector;
    if (!inspector) return artefact;
    const dirs = [shelf.dir, this.options.dir];
    for (const dir of dirs) if (await readCaches(dir, artefact, inspector.cacheKey)) return artefact;
    // Steps need not wait: the same object gets its caches when they are made.
    void this.#makeCaches(artefact, inspector).catch(() => {});
    return artefact;
  }

  async #makeCaches(artefact: Artefact, inspector: Inspector) {
    const { caches, cacheKey } = await inspector.inspect(artefact);
    await writeCaches(this.options.dir, artefact.hash, cacheKey, caches);
    await readCaches(this.options.dir, artefact, cacheKey);
  }
}

/** Opens a folder of built adaptors. Touches neither disk nor network before it is asked for something. */
export const createAdaptorStore = (options: AdaptorStoreOptions): AdaptorStore => new Store(options);
