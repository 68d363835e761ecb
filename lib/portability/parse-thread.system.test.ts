import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringifyExact } from "@/lib/exact-json";
import { bundleEntries } from "@/lib/launcher/entries.mjs";
import { openFilesApart, provideOpenApart } from "./apart";
import { openFiles } from "./formats/open";
import { openInThreads } from "./parse-thread";

let dir: string;
let program: string;
/** Programs in its place that never come to an end, one in time and one in memory. */
let endless: string;
let growing: string;
beforeAll(async () => {
  // Below the clone, for its node_modules.
  fs.mkdirSync(".build", { recursive: true });
  dir = fs.mkdtempSync(path.resolve(".build", `test-${os.userInfo().uid}-`));
  await bundleEntries(dir, { "parse-thread": "lib/portability/thread.ts" });
  program = path.join(dir, "parse-thread.mjs");
  endless = path.join(dir, "endless.mjs");
  growing = path.join(dir, "growing.mjs");
  fs.writeFileSync(endless, "for (;;);");
  fs.writeFileSync(
    growing,
    "const all = []; for (;;) all.push(Array.from({ length: 1000 }, (_, n) => ({ n })));",
  );
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const exact =
  "name: p\nworkflows:\n  w:\n    name: W\n    jobs: {}\n    triggers:\n      t:\n        type: message_filter\n        inclusion: { id: 9007199254740993, __proto__: { a: 0.1000000000000000055 } }\n    edges: {}\n";
const small = "name: p\nworkflows:\n  w:\n    name: W\n    jobs: {}\n    triggers: {}\n    edges: {}\n";
const ask = { tenant: "ada", files: { "project.yaml": small }, options: {} };

it("reads as the parser does, with the lines", async () => {
  provideOpenApart(openInThreads(program));
  const yaml = fs.readFileSync("lib/portability/fixtures/seed-project.yaml", "utf8");
  for (const text of [
    small,
    exact,
    yaml,
    "name: 1\nworkflows: [",
    "name: p\nworkflows:\n  w:\n    jobs:\n      a: {}\n",
  ]) {
    const files = { "project.yaml": text };
    const [apart, here] = [await openFilesApart({ ...ask, files }), openFiles(files)];
    if ("stopped" in apart) throw new Error(apart.stopped);
    expect({ spec: apart.spec, problems: apart.problems }).toEqual({
      spec: here.spec,
      problems: here.problems,
    });
    expect(stringifyExact(apart.spec)).toBe(stringifyExact(here.spec));
    if (!apart.spec || !here.spec) continue;
    for (const [key, { jobs }] of Object.entries(here.spec.workflows))
      for (const at of [
        ["workflows", key],
        ...Object.keys(jobs).map((job) => ["workflows", key, "jobs", job]),
      ])
        expect([apart.lineOf(at), apart.fileOf(at)]).toEqual([here.lineOf(at), here.fileOf(at)]);
  }
});

const patient = { timeoutMs: 600_000 };

it("holds nobody up while it reads, and ends when whoever asked hangs up", async () => {
  const client = new AbortController();
  const reading = openInThreads(endless, patient)({ ...ask, signal: client.signal });
  // Timers of this thread go on: nothing here waits for the other, which never ends.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  client.abort();
  expect(await reading).toEqual({ stopped: "hungUp" });
});

it("gives up what takes too long or too much memory", async () => {
  expect(await openInThreads(endless, { timeoutMs: 100 })(ask)).toEqual({ stopped: "time" });
  expect(await openInThreads(growing, { ...patient, heapMb: 32 })(ask)).toEqual({ stopped: "memory" });
});

it("reads one at a time of a tenant, beside another's, and says when too many wait", async () => {
  const open = openInThreads(endless, { ...patient, patienceMs: 600_000 });
  const clients = [new AbortController(), new AbortController()];
  const [mine, theirs] = clients.map(({ signal }, n) =>
    Array.from({ length: 5 }, () => open({ ...ask, tenant: String(n), signal })),
  );
  expect(await open({ ...ask, tenant: "0" })).toEqual({ stopped: "busy" });
  for (const client of clients) client.abort();
  for (const one of await Promise.all([...(mine ?? []), ...(theirs ?? [])]))
    expect(one).toEqual({ stopped: "hungUp" });
});
