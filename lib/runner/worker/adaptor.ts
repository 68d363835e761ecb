import { Buffer } from "node:buffer";
import vm from "node:vm";
import type { LoadHeader } from "@/lib/runner/protocol/messages";
import { coded, type Module } from "./builtin";
import { adaptorConsole } from "./console";
import { fitted } from "./fitted";
import { CodeFunction, requireBuiltin } from "./modules";
import { processModule } from "./stubs";

type Chunk = { code: Buffer; cache: Buffer | null };
type Holder = { exports: Module };
type Require = (name: string) => Module;

const parameters =
  "module,exports,require,process,console,Function,fetch,global,Buffer,__filename,__dirname,__lazy,__namespace";
const wrap = (code: string): string => `(function(${parameters}){${code}\n})`;

/** An object that loads what it stands for when it is first touched. */
function lazily(load: () => Module): Module {
  let loaded: Module | undefined;
  const target = (): Module => {
    loaded ??= load();
    return loaded;
  };
  return new Proxy<Module>(Object.create(null), {
    get: (_, key) => Reflect.get(target(), key),
    set: (_, key, value) => Reflect.set(target(), key, value),
    has: (_, key) => key in target(),
    ownKeys: () => Reflect.ownKeys(target()).filter((key) => key !== "prototype"),
    getPrototypeOf: () => Object.getPrototypeOf(target()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(target(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}

const namespaces = new WeakMap<object, Module>();

/**
 * A package's namespace, as the builder's helper makes it for every evaluation, but made once: copying the names of a
 * large package takes as long as all else of an adaptor. As a real namespace it cannot be changed.
 */
function namespaceOf(exports: Module): Module {
  const known = namespaces.get(exports);
  if (known) return known;
  const made: Module = Object.create(Object.getPrototypeOf(exports));
  Object.defineProperty(made, "default", { value: exports, enumerable: true });
  for (const name of Object.getOwnPropertyNames(exports)) {
    if (Object.hasOwn(made, name)) continue;
    const enumerable = Object.getOwnPropertyDescriptor(exports, name)?.enumerable ?? false;
    Object.defineProperty(made, name, { get: () => exports[name], enumerable });
  }
  namespaces.set(exports, Object.freeze(made));
  return made;
}

const isModule = (exports: unknown): exports is Module =>
  (typeof exports === "object" || typeof exports === "function") && exports !== null;

/** A package may export a single text, or nothing. */
const namespace = (exports: unknown): Module =>
  isModule(exports) ? namespaceOf(exports) : Object.freeze({ default: exports });

/** One adaptor in this process: third-party packages are evaluated once, `@openfn/*` code afresh for every step. */
export class LoadedAdaptor {
  readonly name: string;
  readonly #own: vm.Script;
  readonly #chunks = new Map<string, Chunk>();
  readonly #loaded = new Map<string, Holder>();
  readonly #scripts = new Map<string, vm.Script>();

  constructor(header: LoadHeader, body: Buffer) {
    this.name = header.name;
    let offset = 0;
    const take = (size: number): Buffer => {
      offset += size;
      return body.subarray(offset - size, offset);
    };
    const own = fitted(take(header.ownBytes).toString());
    const codes = header.chunks.map((chunk) => take(chunk.codeBytes));
    const caches = header.chunks.map((chunk) => (chunk.cacheBytes ? take(chunk.cacheBytes) : null));
    header.chunks.forEach((chunk, index) => {
      this.#chunks.set(chunk.key, { code: codes[index] ?? Buffer.alloc(0), cache: caches[index] ?? null });
    });
    this.#own = new vm.Script(wrap(own), { filename: `${this.name}/index.js` });
  }

  /** The adaptor's exports from a new evaluation: adaptors keep connections and agents in module variables. */
  fresh(): Module {
    return exposed(this.#evaluate(this.#own, "own.cjs", { exports: {} }));
  }

  warm(keys: string[]): void {
    for (const key of keys) if (this.#chunks.has(key)) this.require(key);
  }

  require: Require = (name) => {
    if (!name.startsWith("dep:")) return requireBuiltin(name);
    const known = this.#loaded.get(name);
    if (known) return known.exports;
    const chunk = this.#chunks.get(name);
    if (!chunk) throw coded("MODULE_NOT_FOUND", `Cannot find module '${name.slice(4)}'`);
    const script = new vm.Script(wrap(chunk.code.toString()), {
      filename: `dep/${name.slice(4)}`,
      ...(chunk.cache ? { cachedData: chunk.cache } : {}),
    });
    const holder: Holder = { exports: {} };
    this.#loaded.set(name, holder);
    this.#scripts.set(name, script);
    return this.#evaluate(script, "dep.cjs", holder);
  };

  /** V8 code caches of every chunk, each evaluated once so that its hot functions are in. Key → base64. */
  codeCaches(): Record<string, string> {
    for (const key of this.#chunks.keys()) {
      try {
        this.require(key);
      } catch {
        // A chunk for an optional package may not load on its own; it is cached as far as it was compiled.
      }
    }
    return Object.fromEntries(
      [...this.#scripts].map(([key, script]) => [key, script.createCachedData().toString("base64")]),
    );
  }

  #evaluate(script: vm.Script, file: string, holder: Holder): Module {
    const run = script.runInThisContext() as (...given: unknown[]) => void;
    run(
      holder,
      holder.exports,
      this.require,
      processModule(),
      adaptorConsole,
      CodeFunction,
      undefined,
      globalThis,
      Buffer,
      `/adaptor/${file}`,
      "/adaptor",
      lazily,
      namespace,
    );
    return holder.exports;
  }
}

/** Old adaptors export one default object; its members are the operations (OpenFn's linker does the same). */
function exposed(exports: Module): Module {
  if (Object.keys(exports).length !== 1) return exports;
  const { default: only } = exports;
  const isObject = typeof only === "object" && only !== null && Object.keys(only).length > 0;
  return isObject ? (only as Module) : exports;
}
