import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type StubPackage, type StubRegistry, startRegistry } from "@/lib/runner/fixtures/registry";
import { AdaptorInstallError, type AdaptorStoreOptions, createAdaptorStore } from "./index";
import { runNpm } from "./npm";

const name = "@openfn/language-stub";
const helper = (version: string): StubPackage => ({
  name: "stub-helper",
  version,
  files: {
    "index.js": `export const version = "${version}"; export const load = () => import("node:path");`,
  },
});
const common = (version: string): StubPackage => ({
  name: "@openfn/language-common",
  version,
  files: { "index.js": `export const fn = (f) => f; export const commonVersion = "${version}";` },
});
const adaptor = (version: string, more: Partial<StubPackage> = {}): StubPackage => ({
  name,
  version,
  dependencies: { "stub-helper": "1.0.0", "@openfn/language-common": "1.0.0" },
  files: {
    "index.js": `import { version } from "stub-helper"; export { fn } from "@openfn/language-common"; export const get = (path) => (state) => ({ ...state, path, version });`,
    "ast.json": JSON.stringify({
      operations: [
        {
          name: "get",
          params: ["path"],
          docs: {
            description: "Gets.",
            tags: [
              { title: "param", name: "path", description: "Where." },
              { title: "example", caption: "A patient", description: "get('/patient');\n" },
              { title: "example", description: " " },
            ],
          },
        },
        { name: "execute", params: [], docs: { description: "", tags: [{ title: "private" }] } },
      ],
      common: [{ name: "fn", params: ["f"], docs: null }],
    }),
    "configuration-schema.json": '{"type":"object"}',
  },
  ...more,
});

let registry: StubRegistry;
let dir: string;
const folders: string[] = [];
const newFolder = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-store-test-"));
  folders.push(folder);
  return folder;
};
const open = (options: Partial<AdaptorStoreOptions> = {}) =>
  createAdaptorStore({ dir, registry: registry.url, inspector: null, ...options });
/** A port that nobody listens on. */
const down = "http://127.0.0.1:9/";
const failure = async (promise: Promise<unknown>): Promise<AdaptorInstallError> => {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AdaptorInstallError);
  if (!(error instanceof AdaptorInstallError)) throw error;
  expect(error.message).toMatch(/^[A-Z@"].*\.$/);
  return error;
};

beforeAll(async () => {
  registry = await startRegistry(helper("1.0.0"), common("1.0.0"), adaptor("1.0.0"), adaptor("1.1.0"));
});
beforeEach(() => {
  dir = newFolder();
});
afterAll(async () => {
  await registry.close();
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

describe("an adaptor from the registry", () => {
  it("is pinned to an exact version with integrity, and loads without the registry afterwards", async () => {
    const info = await open().resolve(name, "latest");
    expect(info).toMatchObject({
      name,
      version: "1.1.0",
      exports: ["fn", "get"],
      operations: [
        {
          name: "get",
          description: "Gets.",
          params: [{ name: "path", description: "Where." }],
          examples: [{ caption: "A patient", code: "get('/patient');" }],
        },
        { name: "fn", description: "", params: [{ name: "f", description: "" }] },
      ],
      credentialSchema: { type: "object" },
      overrides: null,
    });
    expect(info.integrity).toMatch(/^sha512-/);
    const artefact = await open({ registry: down }).get(name, "1.1.0");
    expect(artefact).toMatchObject({ name, version: "1.1.0", hash: info.artefactHash });
    expect(artefact.chunks.map((chunk) => chunk.key)).toEqual(["dep:stub-helper/index.js"]);
    expect(artefact.own).toContain('__lazy(()=>require("dep:stub-helper/index.js"))');
    expect(artefact.chunks[0]?.code).not.toMatch(/\bimport\(/);
  });

  it("is installed once, however many ask for it at the same time", async () => {
    registry.requests.length = 0;
    const store = open();
    const infos = await Promise.all([
      store.resolve(name, "latest"),
      store.resolve(name, "1.1.0"),
      store.get(name, "1.1.0"),
    ]);
    expect(new Set(infos.map((info) => ("hash" in info ? info.hash : info.artefactHash))).size).toBe(1);
    expect(registry.requests.filter((url) => url.endsWith("language-stub-1.1.0.tgz"))).toHaveLength(1);
  });

  it("keeps working when the registry is down, as does latest of it", async () => {
    await open().resolve(name, "1.0.0");
    const offline = open({ registry: down });
    expect((await offline.resolve(name, "1.0.0")).version).toBe("1.0.0");
    expect((await offline.resolve(name, "latest")).version).toBe("1.0.0");
    expect((await offline.list()).map((info) => info.version)).toEqual(["1.0.0"]);
    expect((await failure(offline.resolve(name, "1.1.0"))).problem).toBe("unreachable");
    expect((await failure(offline.resolve("@openfn/language-other", "latest"))).message).toContain(
      "cannot be reached",
    );
  });

  it("is refused in a sentence when version, tag or package do not exist", async () => {
    expect((await failure(open().resolve(name, "9.9.9"))).message).toBe(
      `${name} has no version 9.9.9 on the npm registry. Choose another version, or latest. The nearest is 1.1.0.`,
    );
    expect((await failure(open().resolve(name, "nightly"))).message).toContain("nightly");
    const unknown = await failure(open().resolve("@openfn/language-nowhere", "latest"));
    expect(unknown).toMatchObject({ problem: "missing" });
    expect(unknown.message).toContain("is not on the npm registry");
  });

  it("is refused before anything is asked when it is no adaptor, or not pinned", async () => {
    registry.requests.length = 0;
    expect((await failure(open().resolve("lodash", "latest"))).problem).toBe("invalid");
    expect((await failure(open().resolve(name, "^1.0.0"))).problem).toBe("invalid");
    expect((await failure(open().get(name, "latest"))).problem).toBe("invalid");
    expect(registry.requests).toEqual([]);
  });

  it("is never given a chance to run scripts", async () => {
    const marker = path.join(newFolder(), "ran");
    registry.publish(
      adaptor("2.0.0", {
        scripts: {
          preinstall: `touch ${marker}`,
          install: `touch ${marker}`,
          postinstall: `touch ${marker}`,
        },
      }),
    );
    await open().resolve(name, "2.0.0");
    expect(fs.existsSync(marker)).toBe(false);
  });

  it("leaves nothing but its artefact behind", async () => {
    const before = fs.readdirSync(os.tmpdir()).filter((entry) => entry.startsWith("waybill-adaptor-"));
    const { artefactHash } = await open().resolve(name, "1.0.0");
    const after = fs.readdirSync(os.tmpdir()).filter((entry) => entry.startsWith("waybill-adaptor-"));
    expect(after.filter((entry) => !before.includes(entry))).toEqual([]);
    expect(fs.readdirSync(dir).sort()).toEqual([`${artefactHash}.adaptor`, "pins"].sort());
  });
});

describe("a dependency that the registry lacks", () => {
  it("is replaced by the newest of its major version when it is language-common, and that is recorded", async () => {
    registry.publish(
      adaptor("3.0.0", { dependencies: { "stub-helper": "1.0.0", "@openfn/language-common": "1.0.7" } }),
    );
    const info = await open().resolve(name, "3.0.0");
    expect(info.overrides).toEqual({ "@openfn/language-common": "1.0.0" });
    expect((await open({ registry: down }).list())[0]?.overrides).toEqual({
      "@openfn/language-common": "1.0.0",
    });
  });

  it("is named otherwise", async () => {
    registry.publish(adaptor("3.0.1", { dependencies: { "stub-helper": "5.0.0" } }));
    registry.publish(adaptor("3.0.2", { dependencies: { "@openfn/language-common": "4.0.0" } }));
    registry.publish(adaptor("3.0.3", { dependencies: { "stub-nowhere": "1.0.0" } }));
    expect((await failure(open().resolve(name, "3.0.1"))).message).toContain("needs stub-helper@5.0.0");
    expect((await failure(open().resolve(name, "3.0.2"))).message).toContain(
      "needs @openfn/language-common@4.0.0",
    );
    expect((await failure(open().resolve(name, "3.0.3"))).message).toContain(
      "stub-nowhere is not on the npm registry",
    );
  });
});

describe("a dependency from anywhere but the registry", () => {
  const kinds: Record<string, () => string> = {
    "an address": () => `${registry.url}internal/admin.tgz`,
    "a repository": () => `git+${registry.url}internal/repo.git`,
    "a folder": () => "file:../../../../../../etc",
    "a link": () => "link:/etc",
  };
  for (const [kind, wanted] of Object.entries(kinds)) {
    it(`is refused and never asked for: ${kind}`, async () => {
      registry.requests.length = 0;
      registry.publish(adaptor("5.0.0", { dependencies: { evil: wanted() } }));
      const error = await failure(open().resolve(name, "5.0.0"));
      expect(error.problem).toBe("broken");
      expect(error.message).toContain("does not come from the npm registry");
      expect(registry.requests.filter((url) => url.includes("internal"))).toEqual([]);
    });
  }
});

describe("integrity", () => {
  it("refuses a package whose bytes are not those the registry described", async () => {
    registry.publish(adaptor("4.0.0"));
    registry.tamper(name, "4.0.0");
    const error = await failure(open().resolve(name, "4.0.0"));
    expect(error).toMatchObject({ problem: "broken" });
    expect(error.message).toContain("EINTEGRITY");
    expect(await open().list()).toEqual([]);
  });

  const pinFile = () => {
    const [file = ""] = fs.readdirSync(path.join(dir, "pins"));
    return path.join(dir, "pins", file);
  };
  const damage = (hash: string) => fs.appendFileSync(path.join(dir, `${hash}.adaptor`), "x");

  it("never loads a damaged artefact, and builds the same one again from its lock", async () => {
    const { artefactHash } = await open().resolve(name, "1.0.0");
    damage(artefactHash);
    expect((await failure(open().export(artefactHash))).message).toContain("damaged");
    expect((await failure(open({ registry: down }).get(name, "1.0.0"))).problem).toBe("unreachable");
    expect((await open().get(name, "1.0.0")).hash).toBe(artefactHash);
  });

  it("refuses a rebuild when the lock was tampered with", async () => {
    const { artefactHash } = await open().resolve(name, "1.0.0");
    damage(artefactHash);
    const pin = JSON.parse(fs.readFileSync(pinFile(), "utf8"));
    const lock = JSON.parse(pin.lock);
    lock.packages["node_modules/stub-helper"].integrity = `sha512-${Buffer.alloc(64).toString("base64")}`;
    fs.writeFileSync(pinFile(), JSON.stringify({ ...pin, lock: JSON.stringify(lock) }));
    expect((await failure(open().resolve(name, "1.0.0"))).message).toContain("EINTEGRITY");
  });
});

describe("another runner", () => {
  it("takes the artefact from a file, without a network", async () => {
    const info = await open().resolve(name, "1.0.0");
    const bytes = await open().export(info.artefactHash);
    dir = newFolder();
    const other = open({ registry: down });
    expect(await other.import(bytes, info.artefactHash)).toEqual(info);
    expect((await other.get(name, "1.0.0")).hash).toBe(info.artefactHash);
    expect(await other.list()).toEqual([info]);
  });

  it("refuses bytes that are damaged, others than expected, or no adaptor's", async () => {
    const info = await open().resolve(name, "1.0.0");
    const bytes = Buffer.from(await open().export(info.artefactHash));
    const other = open();
    const changed = Buffer.from(bytes);
    changed[bytes.length - 1] = (changed[bytes.length - 1] ?? 0) ^ 1;
    for (const wrong of [
      changed,
      bytes.subarray(0, 100),
      bytes.subarray(0, bytes.length - 1),
      Buffer.alloc(0),
      Buffer.alloc(40, 255),
    ]) {
      await failure(other.import(wrong, info.artefactHash));
    }
    for (const wrong of [bytes.subarray(0, bytes.length - 1), Buffer.alloc(3), Buffer.alloc(40, 255)])
      await failure(other.import(wrong));
    const renamed = Buffer.from(
      bytes.toString("latin1").replace("@openfn/language-stub", "@openfx/language-stub"),
      "latin1",
    );
    expect((await failure(other.import(renamed))).problem).toBe("invalid");
  });
});

describe("a load test", () => {
  const inspector = (
    inspect: () => Promise<{ exports: string[]; caches: Record<string, Uint8Array>; cacheKey: string }>,
  ) => ({ inspect, cacheKey: "test" });

  it("decides what is exported, and its code caches come with the artefact", async () => {
    const caches = { "dep:stub-helper/index.js": Buffer.from("cache") };
    const store = open({
      inspector: inspector(async () => ({ exports: ["seen", "default"], caches, cacheKey: "test" })),
    });
    expect((await store.resolve(name, "1.0.0")).exports).toEqual(["seen"]);
    expect((await store.get(name, "1.0.0")).chunks[0]?.cache?.toString()).toBe("cache");
    const { artefactHash } = await store.resolve(name, "1.0.0");
    const file = path.join(dir, `${artefactHash}.test.caches`);
    fs.appendFileSync(file, "x");
    const damaged = open({ inspector: inspector(() => new Promise(() => {})) });
    expect((await damaged.get(name, "1.0.0")).chunks[0]?.cache).toBeUndefined();
  });

  it("that fails keeps the adaptor out and leaves others alone", async () => {
    await open().resolve(name, "1.0.0");
    const store = open({ inspector: inspector(() => Promise.reject(new Error("it burns"))) });
    const error = await failure(store.resolve(name, "1.1.0"));
    expect(error.message).toContain("does not start in the job sandbox");
    expect(error.output).toContain("it burns");
    expect((await store.list()).map((info) => info.version)).toEqual(["1.0.0"]);
  });
});

describe("npm", () => {
  const fakeNpm = (script: string) => {
    const folder = newFolder();
    fs.writeFileSync(path.join(folder, "npm"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { environment: { PATH: `${folder}:/usr/bin:/bin` } };
  };

  it("sees nothing of our environment but what it needs", async () => {
    process.env.CANARY_SECRET = "canary-value";
    const { stdout } = await runNpm(
      ["x"],
      newFolder(),
      { ...fakeNpm("env"), registry: "http://r/" },
      { timeoutMs: 60_000 },
    );
    delete process.env.CANARY_SECRET;
    expect(stdout).not.toContain("canary");
    const names = stdout.split("\n").map((line) => line.split("=")[0]);
    const allowed = /^(PATH|HOME|NODE_ENV|PWD|OLDPWD|SHLVL|_|npm_config_\w+|)$/;
    expect(names.filter((item) => !allowed.test(item ?? ""))).toEqual([]);
  });

  it("is ended with all it started when it takes too long", async () => {
    const marker = path.join(newFolder(), "pid");
    const script = `sleep 600 & echo $! > ${marker}; wait`;
    // As long as it takes on this machine to start something at all.
    for (let timeoutMs = 500; !fs.existsSync(marker); timeoutMs *= 2)
      expect(await runNpm([], newFolder(), fakeNpm(script), { timeoutMs })).toMatchObject({
        ok: false,
        stopped: "time",
      });
    const pid = fs.readFileSync(marker, "utf8").trim();
    const state = () => {
      try {
        return fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2];
      } catch {
        return "gone";
      }
    };
    await vi.waitFor(() => expect(["gone", "Z"]).toContain(state()), { timeout: 30_000 });
  });

  it("is refused more disk than an adaptor may use", async () => {
    const result = await runNpm([], newFolder(), fakeNpm("head -c 3000000 /dev/zero > big"), {
      timeoutMs: 60_000,
      maxBytes: 1_000_000,
    });
    expect(result).toMatchObject({ ok: false, stopped: "size" });
  });

  it("is found although our PATH does not name it", async () => {
    const empty = newFolder();
    const settings = { environment: { PATH: empty } };
    await expect(runNpm(["--version"], newFolder(), settings, { timeoutMs: 60_000 })).resolves.toMatchObject({
      ok: true,
    });
  });
});
