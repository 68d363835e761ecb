import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { adaptors, runStep, stepRequest, testRunner } from "./local-runner";

let runner: LocalRunner;
beforeAll(async () => {
  runner = await testRunner({ workers: 2 });
});
afterAll(() => runner.close());

/**
 * Marks every object that the job reaches and that was made for it: its realm with all intrinsics and prototypes, what it
 * was given (timers, console, Buffer, data, runtime), and what its adaptor exports with all that this holds. Not the packages
 * that adaptors share in a process, nor that process's own realm: those are its owner's (README, Threat model). Hands on how
 * many it marked, and the paths of those that bore a mark.
 */
const walk = (name: string, packages: string[]): string => `
import * as adaptor from "${name}";
import { defer } from "@openfn/runtime";
const packages = new Set(${JSON.stringify(packages)});
const given = { setTimeout, setInterval, clearTimeout, clearInterval, console, Buffer, bytesOf, hmac, sameBytes, defer };
const found = [];
let marked = 0;
function visit(value, path, seen, isOwnRealm) {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
  seen.add(value);
  const own = Reflect.ownKeys(value);
  if (own.includes("mark")) found.push(path);
  if (Reflect.defineProperty(value, "mark", { value: 1, configurable: true })) marked += 1;
  for (const key of own) {
    if (key === "mark" || packages.has(key)) continue;
    const { get, set, value: inner } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
    visit(inner, path + "." + String(key), seen, isOwnRealm);
    if (isOwnRealm) visit(get, path + ".get " + String(key), seen, true);
    if (isOwnRealm) visit(set, path + ".set " + String(key), seen, true);
    if (get && path.startsWith("adaptor")) visit(value[key], path + "." + String(key), seen, false);
  }
  // The prototypes of the job's realm are its own; those of functions from outside belong to the process.
  if (isOwnRealm) visit(Reflect.getPrototypeOf(value), path + ".__proto__", seen, true);
}
fn(state => {
  const seen = new Set([Object.getPrototypeOf(Buffer)]);
  for (const key of Object.keys(given)) visit(given[key], key, seen, false);
  visit(state.data, "state.data", seen, true);
  visit(state.configuration, "state.configuration", seen, true);
  visit(globalThis, "globalThis", seen, true);
  for (const value of [function* () {}, async () => {}, async function* () {}, [][Symbol.iterator](), /x/, 1n, Symbol()])
    visit(Object(value), "syntax", seen, true);
  visit(adaptor, "adaptor", seen, false);
  globalThis.left = 1;
  setInterval(() => { globalThis.left += 1 }, 1);
  // What belongs to the process keeps it, and says that this is the process of the step before.
  const kept = Reflect.getPrototypeOf(fn).kept ?? 0;
  Reflect.defineProperty(Reflect.getPrototypeOf(fn), "kept", { value: kept + 1, configurable: true });
  return { data: { marked, found, kept } };
});`;

for (const [what, packages] of [
  ["common", ["_", "dateFns"]],
  ["http", ["_", "dateFns"]],
] as const)
  test(`${what}: a job sees no mark that an earlier one of its process left in anything made for it`, async () => {
    const adaptor = adaptors[what];
    const request = () =>
      stepRequest(walk(adaptor.name, [...packages]), {
        projectId: `marks-${what}`,
        job: { id: "a", name: "a", source: walk(adaptor.name, [...packages]), adaptor },
      });
    for (let kept = 0; kept < 3; kept += 1) {
      const { state, error } = await runStep(runner, request());
      expect(error).toBeNull();
      expect(state).toMatchObject({ data: { found: [], kept } });
      expect((state as { data: { marked: number } }).data.marked).toBeGreaterThan(1_000);
    }
  });
