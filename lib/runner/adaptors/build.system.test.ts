import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import vm from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { buildAdaptor } from "./build";
import { buildBuiltins } from "./builtins";
import { AdaptorInstallError } from "./errors";
import { encodeArtefact, hashOf } from "./file";

const name = "@openfn/language-made";
const folders: string[] = [];
const newFolder = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-build-test-"));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** A folder with these packages installed: `name/file` → text. */
function installed(files: Record<string, string>): string {
  const dir = newFolder();
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(dir, "node_modules", file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }
  return dir;
}

const manifest = (packageName: string, type = "module") =>
  JSON.stringify({ name: packageName, version: "1.2.3", type, main: "index.js" });
const adaptor = (code: string, more: Record<string, string> = {}) =>
  installed({ [`${name}/package.json`]: manifest(name), [`${name}/index.js`]: code, ...more });
const build = (dir: string) => buildAdaptor({ dir, name, integrity: null, overrides: null });
const failure = async (dir: string) => {
  const error: unknown = await build(dir).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AdaptorInstallError);
  return error instanceof AdaptorInstallError ? error : new AdaptorInstallError("broken", "");
};

/** Evaluates what was built, as the worker does; says which chunks were loaded. */
async function evaluate(dir: string) {
  const built = await build(dir);
  const loaded: string[] = [];
  const run = (code: string) => {
    const module = { exports: {} as Record<string, unknown> };
    vm.compileFunction(code, ["module", "exports", "require", "__lazy"])(
      module,
      module.exports,
      require,
      lazily,
    );
    return module.exports;
  };
  const require = (key: string) => {
    loaded.push(key);
    const chunk = built.chunks.find((candidate) => candidate.key === key);
    if (!chunk) throw new Error(`Cannot find module '${key}'`);
    return run(chunk.code);
  };
  const lazily = (load: () => Record<string, unknown>) =>
    new Proxy({}, { get: (_, key) => Reflect.get(load(), key) });
  return { exports: run(built.own), loaded, built };
}

const pkg = (packageName: string, code: string, type = "module") => ({
  [`${packageName}/package.json`]: manifest(packageName, type),
  [`${packageName}/index.js`]: code,
});

describe("a built adaptor", () => {
  it("loads third-party packages when they are first used, and not before", async () => {
    const dir = adaptor(
      'import dep from "dep"; export const fn = () => dep.value; export const util = 1;',
      pkg("dep", "module.exports = { value: 42 };", "commonjs"),
    );
    const { exports, loaded } = await evaluate(dir);
    expect(loaded).toEqual([]);
    expect((exports.fn as () => unknown)()).toBe(42);
    expect(loaded).toEqual(["dep:dep/index.js"]);
  });

  it("lists what it exports, also through other @openfn packages, without default", async () => {
    const dir = adaptor(
      'export * from "@openfn/language-common"; export { a as b } from "./b.js"; export default 1;',
      {
        [`${name}/b.js`]: "export const a = 1;",
        ...pkg("@openfn/language-common", "export const fn = 1; export function each() {}"),
      },
    );
    const { built, exports } = await evaluate(dir);
    expect(built.info).toMatchObject({
      name,
      version: "1.2.3",
      exports: ["b", "each", "fn"],
      operations: [],
      credentialSchema: null,
    });
    expect(exports.b).toBe(1);
  });

  it("needs no import(), no eval and no optional package", async () => {
    const dir = adaptor('import dep from "dep"; export const fn = () => dep();', {
      ...pkg(
        "dep",
        `module.exports = () => [eval("require")("inner").value, (0, eval)('require') === require, missing()];
        function missing() { try { return require("not-installed") } catch (e) { return e.message } }
        module.exports.later = () => import("inner");`,
        "commonjs",
      ),
      ...pkg("inner", "module.exports = { value: 7 };", "commonjs"),
    });
    const built = await build(dir);
    const code = built.chunks.map((chunk) => chunk.code).join("");
    expect(code).not.toMatch(/\beval\(|\bimport\(/);
    expect(code).toContain('require("not-installed")');
  });

  it("says that native code is not available only when it is used", async () => {
    const dir = adaptor(
      'import dep from "dep"; export const fn = () => dep.plain; export const native = () => dep.native();',
      {
        ...pkg("dep", 'module.exports = { plain: 1, native: () => require("./addon.node") };', "commonjs"),
        "dep/addon.node": "\x7fELF",
      },
    );
    const { exports } = await evaluate(dir);
    expect((exports.fn as () => unknown)()).toBe(1);
    expect(exports.native as () => unknown).toThrow("native code is not available in a job");
  });

  it("is the same wherever it is built", async () => {
    const files = pkg("dep", "module.exports = require('node:path').sep;", "commonjs");
    const hashes = [
      adaptor('export { default as sep } from "dep";', files),
      adaptor('export { default as sep } from "dep";', files),
    ].map(async (dir) => hashOf(encodeArtefact(await build(dir))));
    const [first, second] = await Promise.all(hashes);
    expect(first).toBe(second);
  });
});

describe("a package cannot carry the runner's files into a job", () => {
  const secret = path.join(newFolder(), "secret.json");
  fs.writeFileSync(secret, '{"key":"canary"}');
  const up = "../".repeat(20);
  const outside: Record<string, string> = {
    "an absolute import": `import s from ${JSON.stringify(secret)}; export const fn = () => s;`,
    "a relative import": `import s from ${JSON.stringify(up + secret.slice(1))}; export const fn = () => s;`,
    "a pattern": `export const fn = (x) => require(${JSON.stringify(`${up}${path.dirname(secret).slice(1)}/`)} + x + ".json");`,
    "a template pattern": `export const fn = async (x) => import(\`${up}${path.dirname(secret).slice(1)}/\${x}.json\`);`,
    "a file URL": `import s from ${JSON.stringify(`file://${secret}`)}; export const fn = () => s;`,
  };
  for (const [way, code] of Object.entries(outside)) {
    it(`by ${way}`, async () => {
      const built = await build(adaptor(code)).catch((error: unknown) => error);
      if (built instanceof AdaptorInstallError) expect(built.message).toMatch(/cannot be prepared/);
      expect(JSON.stringify(built)).not.toContain("canary");
    });
  }
  it("nor from a dependency", async () => {
    const dir = adaptor(
      'import d from "dep"; export const fn = () => d;',
      pkg("dep", `module.exports = require(${JSON.stringify(secret)});`, "commonjs"),
    );
    expect((await failure(dir)).message).toContain("outside of the package");
  });
});

it("a package that does not parse, or is none, is refused with a sentence", async () => {
  expect((await failure(adaptor("export const ="))).message).toMatch(
    /^@openfn\/language-made cannot be prepared for the job sandbox: .+\. Choose another version\.$/,
  );
  expect((await failure(newFolder())).problem).toBe("broken");
});

it("the bundled adaptors are built once, and again when one is damaged", async () => {
  const dir = newFolder();
  const options = { from: import.meta.url, inspector: null };
  expect(await buildBuiltins(dir, options)).toEqual([
    "@openfn/language-common",
    "@openfn/language-http",
    "@openfn/language-collections",
  ]);
  expect(await buildBuiltins(dir, options)).toEqual([]);
  const [file = ""] = fs.readdirSync(dir).filter((entry) => entry.endsWith(".adaptor"));
  fs.truncateSync(path.join(dir, file), 1000);
  expect(await buildBuiltins(dir, options)).toHaveLength(1);
}, 60_000);
