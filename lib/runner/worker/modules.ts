import vm from "node:vm";
import { builtin, coded, type Module } from "./builtin";
import { networkModules } from "./network/modules";
import { fsModule, osModule, processModule, refused } from "./stubs";

/** Modules of the runtime that can do nothing to the outside: adaptors get the real ones. */
const pure = new Set(
  "assert async_hooks buffer console constants crypto diagnostics_channel events http2 path path/posix perf_hooks punycode querystring stream stream/promises stream/web string_decoder timers/promises tty url util util/types vm worker_threads zlib".split(
    " ",
  ),
);

const notFound = (name: string): never => {
  throw coded("MODULE_NOT_FOUND", `Cannot find module '${name}'`);
};

const moduleModule = (): Module =>
  Object.assign((() => undefined) as unknown as Module, {
    createRequire: () => requireBuiltin,
    builtinModules: [],
    _nodeModulePaths: () => [],
    _resolveFilename: notFound,
  });

const replaced: Record<string, () => Module> = {
  ...networkModules,
  timers: () => ({ ...builtin("timers"), setTimeout, setInterval, setImmediate }),
  process: processModule,
  "process/": processModule,
  os: osModule,
  fs: fsModule,
  "fs/promises": () => refused("fs.promises"),
  module: moduleModule,
  ...Object.fromEntries(
    ["child_process", "cluster", "v8", "inspector", "dgram"].map((name) => [name, () => refused(name)]),
  ),
};

/** What nearly every adaptor asks for. Loading them takes the runtime tens of milliseconds. */
const usual = [
  "stream",
  "crypto",
  "util",
  "url",
  "events",
  "http",
  "https",
  "tls",
  "dns",
  "zlib",
  "async_hooks",
];

/** Loads the usual modules one a turn, so that a worker without work has them when it gets some. */
export function preloadModules(names = usual): void {
  const [first, ...rest] = names;
  if (first === undefined) return;
  requireBuiltin(first);
  setTimeout(() => preloadModules(rest), 0);
}

/** `require` of a runtime module, as adaptors and their dependencies see it. */
export const requireBuiltin = Object.assign(
  (specifier: string): Module => {
    const name = specifier.startsWith("node:") ? specifier.slice(5) : specifier;
    const replacement = Object.hasOwn(replaced, name) ? replaced[name] : undefined;
    if (replacement) return replacement();
    return pure.has(name) ? builtin(name) : notFound(specifier);
  },
  { resolve: (name: string) => name, cache: {} },
);

/**
 * `Function` for adaptors whose dependencies generate code (ajv, mysql2): the process refuses code from strings, and
 * only adaptors are handed this way around it. Jobs that reach it gain nothing: they are assumed to own this process.
 */
export const CodeFunction = Object.assign(
  function CodeFunction(...given: unknown[]) {
    const body = String(given.pop() ?? "");
    const parameters = given
      .join(",")
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean);
    return vm.compileFunction(body, parameters);
  },
  { prototype: Function.prototype },
);
