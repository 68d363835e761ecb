import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildJson } from "@/lib/json-keys";
import { bundleEntries, entries } from "@/lib/launcher/entries.mjs";
import { inRoot } from "@/lib/launcher/paths.mjs";
import { servingNode } from "@/lib/launcher/runtime.mjs";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { runStep, stepRequest, testRunner } from "@/lib/runner/testing/local-runner";

/** Shapes and keys that have been taken for each other, by what an engine saw before. */
const pairs = [
  ['{"a":1,"\\\\":2}', '{"a":1,"\\"":2}', '"'],
  ['{"b":1,"x\\\\":2}', '{"b":1,"x\\n":2}', "x\n"],
  ['{"c":1,"pr\\\\u00":2}', '{"c":1,"pr\\u00e9nom":2}', "prénom"],
  ['{"d":1,"\\\\nb":2}', '{"d":1,"\\nbc":2}', "\nbc"],
] as const;

let dir: string;
let runner: LocalRunner;
beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-mend-"));
  await bundleEntries(dir, { "mend-json": entries["mend-json"] });
  runner = await testRunner();
});
afterAll(async () => {
  await runner.close();
  fs.rmSync(dir, { recursive: true });
});

test("a process that serves reads keys as they are written, whatever somebody else sent before", () => {
  const script = `
    import pg from "pg";
    const jsonb = pg.types.getTypeParser(3802);
    const read = [JSON.parse, jsonb, (text) => new Response(text).json()];
    const out = [];
    for (const [before, text] of ${JSON.stringify(pairs)})
      for (const one of read) { await one(before); out.push(Object.keys(await one(text))[1]); }
    console.log(JSON.stringify(out));`;
  const mend = pathToFileURL(path.join(dir, "mend-json.mjs")).href;
  const said = execFileSync(servingNode(), ["--import", mend, "--input-type=module", "-e", script], {
    cwd: inRoot(),
    encoding: "utf8",
  });
  expect(JSON.parse(said)).toEqual(pairs.flatMap(([, , key]) => [key, key, key]));
});

test("a job sees keys as they are written, whatever is before them", async () => {
  const data = buildJson(`[${pairs.map(([before, text]) => `${before},[${text}]`).join()}]`);
  const source =
    "fn(state => ({ keys: state.data.filter(Array.isArray).map(([one]) => Object.keys(one)[1]) }))";
  const { state } = await runStep(runner, stepRequest(source, { state: { data } }));
  expect(state).toEqual({ keys: pairs.map(([, , key]) => key) });
});
