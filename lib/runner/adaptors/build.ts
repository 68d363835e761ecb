import fs from "node:fs/promises";
import { builtinModules } from "node:module";
import path from "node:path";
import type * as Esbuild from "esbuild";
import { AdaptorInstallError } from "./errors";
import type { BuiltAdaptor } from "./file";
import { readCredentialSchema, readManifest, readOperations } from "./metadata";

/** Raised when the same package would be built into something else: older artefacts are then built again. */
export const builderVersion = 1;

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
/** Clients that nearly every step of their adaptor needs: loaded while the worker waits. */
const warmInputs = /^dep:(?:.*node_modules\/)?(?:undici|axios|mysql2|tedious|mongodb|pg)\//;
const alreadyResolved = "resolved";
const entryInput = "<stdin>";
/** Long enough that a run of tests or installations keeps it. */
const idleMs = 60_000;
const buildMs = 120_000;
const maxCodeBytes = 32 * 1024 * 1024;

const shared = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "silent",
  write: false,
  metafile: true,
  // The worker has no module loader: import() becomes require.
  supported: { "dynamic-import": false },
} satisfies Esbuild.BuildOptions;

/** Native code cannot run in the worker; packages that can do without it catch this. */
const noNative: Esbuild.Plugin = {
  name: "no-native",
  setup(build) {
    build.onLoad({ filter: /\.node$/ }, () => ({
      contents: `throw new Error("native code is not available in a job")`,
    }));
  },
};

type External = (resolved: string | null, specifier: string) => Promise<string | null> | string | null;

/** Leaves a module to the worker's `require` under the name that `choose` gives it; null bundles it. */
const external = (choose: External): Esbuild.Plugin => ({
  name: "external",
  setup(build) {
    build.onResolve({ filter: /.*/ }, async (args) => {
      if (args.pluginData === alreadyResolved || args.kind === "entry-point") return undefined;
      if (builtins.has(args.path)) return { external: true, path: args.path };
      const { kind, resolveDir, importer } = args;
      const found = await build.resolve(args.path, {
        kind,
        resolveDir,
        importer,
        pluginData: alreadyResolved,
      });
      // Optional packages that are not installed fail when they are asked for, as they would in Node.
      if (found.errors.length) return { external: true, path: args.path };
      const name = await choose(found.path, args.path);
      return name === null ? undefined : { external: true, path: name };
    });
  },
});

/** One build, ended when it takes too long: a package may be made to. */
async function build(esbuild: typeof Esbuild, options: Esbuild.BuildOptions): Promise<Esbuild.BuildResult> {
  const context = await esbuild.context(options);
  const late = setTimeout(() => void context.cancel(), buildMs);
  try {
    return await context.rebuild();
  } finally {
    clearTimeout(late);
    await context.dispose();
  }
}

const isRelative = (specifier: string) => /^[./]/.test(specifier);

/** Generated code that asks for `require` by name gets the one it is given. */
const withoutEval = (code: string) =>
  code.replace(/\(?(?:0,)?eval\)?\((['"`])(require|this)\1\)/g, (_, __, word) =>
    word === "require" ? "require" : "globalThis",
  );

/** `var x=require("dep:y")` → loaded on first use. */
const lazily = (code: string) =>
  code.replace(
    /(\bvar [\w$]+|,[\w$]+)=((?:__toESM\()?require\("dep:[^"]+"\)(?:,1\))?\)?)/g,
    (match, variable: string, load: string) => {
      const isBalanced = load.split("(").length === load.split(")").length;
      return isBalanced ? `${variable}=__lazy(()=>${load})` : match;
    },
  );

/**
 * The text of a build. Throws when a file from outside `modules` is in it: a package must not be able to carry the
 * runner's own files into a job.
 */
function textOf(result: Esbuild.BuildResult, dir: string, modules: string): string {
  for (const input of Object.keys(result.metafile?.inputs ?? {})) {
    const isInside = input === entryInput || path.resolve(dir, input).startsWith(modules + path.sep);
    if (!isInside) throw new Error(`${input} is outside of the package`);
  }
  const text = result.outputFiles?.[0]?.text;
  if (text === undefined) throw new Error("esbuild wrote nothing");
  return text;
}

type Place = { dir: string; modules: string; name: string };

/** All `@openfn/*` code as one text, and what it requires besides: key → file. */
async function buildOwn(esbuild: typeof Esbuild, { dir, modules, name }: Place) {
  const files = new Map<string, string>();
  const keep = external((file, specifier) => {
    if (!file || isRelative(specifier) || specifier.startsWith("@openfn/") || specifier === name) return null;
    const key = `dep:${path.relative(modules, file)}`;
    files.set(key, file);
    return key;
  });
  const entry = (contents: string): Esbuild.BuildOptions => ({
    ...shared,
    absWorkingDir: dir,
    stdin: { contents, resolveDir: dir, loader: "js" },
    plugins: [keep, noNative],
  });
  const quoted = JSON.stringify(name);
  const [own, listing] = await Promise.all([
    build(
      esbuild,
      entry(`export * from ${quoted}; import * as all from ${quoted}; export default all.default`),
    ),
    build(esbuild, { ...entry(`export * from ${quoted}`), format: "esm" }),
  ]);
  const exports = Object.values(listing.metafile?.outputs ?? {}).flatMap((output) => output.exports);
  const code = lazily(withoutEval(textOf(own, dir, modules)));
  return { code, files, exports: exports.filter((item) => item !== "default").sort() };
}

/** One third-party package as one text; what is a chunk of its own is left to `require`. */
async function buildChunk(esbuild: typeof Esbuild, place: Place, entry: string, keyOf: Map<string, string>) {
  const { dir, modules } = place;
  const others = external((file) => (file && file !== entry && keyOf.get(file)) || null);
  const options = { ...shared, absWorkingDir: dir, entryPoints: [entry], plugins: [others, noNative] };
  return withoutEval(textOf(await build(esbuild, options), dir, modules));
}

export type BuildInput = {
  /** Where `node_modules/<name>` is. */
  dir: string;
  name: string;
  integrity: string | null;
  overrides: Record<string, string> | null;
};

let active = 0;
let idle: NodeJS.Timeout | undefined;

/** Lends esbuild's helper process and ends it when nobody has built for a while: a runner installs rarely. */
async function withEsbuild<T>(use: (esbuild: typeof Esbuild) => Promise<T>): Promise<T> {
  const esbuild = await import("esbuild");
  clearTimeout(idle);
  active++;
  try {
    return await use(esbuild);
  } finally {
    active--;
    if (active === 0) idle = setTimeout(() => void esbuild.stop(), idleMs).unref();
  }
}

/** Builds an installed adaptor for the worker. Runs none of its code. Throws AdaptorInstallError. */
export async function buildAdaptor(input: BuildInput): Promise<BuiltAdaptor> {
  try {
    return await withEsbuild((esbuild) => buildInstalled(esbuild, input));
  } catch (error) {
    const output = error instanceof Error ? error.message : String(error);
    const reason = output.split("\n").at(-1)?.slice(0, 200).replace(/\.$/, "");
    const message = `${input.name} cannot be prepared for the job sandbox: ${reason}. Choose another version.`;
    throw new AdaptorInstallError("broken", message, output.slice(0, 4000));
  }
}

async function buildInstalled(
  esbuild: typeof Esbuild,
  { dir, name, integrity, overrides }: BuildInput,
): Promise<BuiltAdaptor> {
  const root = await fs.realpath(dir);
  const place = { dir: root, modules: path.join(root, "node_modules"), name };
  const packageDir = path.join(place.modules, name);
  const { version } = await readManifest(packageDir);
  const { code, files, exports } = await buildOwn(esbuild, place);
  const keyOf = new Map([...files].map(([key, file]) => [file, key]));
  const keys = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const chunks = await Promise.all(
    keys.map(async ([key, file]) => ({ key, code: await buildChunk(esbuild, place, file, keyOf) })),
  );
  const size = chunks.reduce((total, chunk) => total + chunk.code.length, code.length);
  if (size > maxCodeBytes) throw new Error(`its code is larger than ${maxCodeBytes / 1024 / 1024} MB`);
  const [operations, credentialSchema] = await Promise.all([
    readOperations(packageDir),
    readCredentialSchema(packageDir),
  ]);
  return {
    info: { name, version, integrity, exports, operations, credentialSchema, overrides },
    own: code,
    chunks,
    warm: keys.map(([key]) => key).filter((key) => warmInputs.test(key)),
  };
}
