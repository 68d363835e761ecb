import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { expect, it } from "vitest";
import { JobWriter } from "./generate-for-tests";
import { CompileError, compile } from "./index";
import { runCompiled } from "./run-for-tests";

const jobCount = 600;
const adaptor = "@openfn/language-common";
const packageDir = path.resolve(createRequire(import.meta.url).resolve(adaptor), "../..");
const oracle = path.join(import.meta.dirname, "fixtures/oracle.mjs");

type Outcome = { crash?: string; message?: string; state?: Record<string, unknown> };
type Seen = { crash: string } | { fail: string } | { state: unknown };

const clone = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value ?? {}));
const plain = (message: string) => message.replace(/^(?:\w*Error|InvalidOperationError): /, "");
const input = () => ({ data: { n: 2, name: "é", items: [1, 2] }, configuration: {} });

/** What OpenFn's runtime made of it, reduced to what a compiler decides. */
function expected({ crash, message = "", state }: Outcome): Seen {
  if (crash) return { crash: plain(message) };
  const errors = (state?.errors ?? {}) as Record<string, { message: string }>;
  return errors.a ? { fail: plain(errors.a.message) } : { state: state ?? {} };
}

async function actual(source: string, common: Record<string, unknown>): Promise<Seen> {
  try {
    const job = compile(source, {
      adaptor,
      exports: Object.keys(common).filter((name) => name !== "default"),
    });
    const { configuration: _, ...state } = clone(await runCompiled(job, { [adaptor]: common }, input()));
    return { state };
  } catch (error) {
    const { name, message } =
      typeof error === "object" && error !== null && "message" in error
        ? { name: String(error.constructor.name), message: String(error.message) }
        : { name: "", message: String(error) };
    const isCrash = error instanceof CompileError || ["ReferenceError", "InvalidOperation"].includes(name);
    return isCrash ? { crash: message } : { fail: message };
  }
}

it(`does to ${jobCount} generated jobs what OpenFn's runtime does`, async () => {
  const common: Record<string, unknown> = await import(adaptor);
  const sources = Array.from({ length: jobCount }, (_, seed) => new JobWriter(seed).job());
  const exports = Object.keys(common).filter((name) => name !== "default");
  const request = {
    jobs: sources.map((source) => ({ source, state: input() })),
    adaptor,
    path: packageDir,
    exports,
  };
  const child = spawnSync(process.execPath, ["--experimental-vm-modules", "--no-warnings", oracle], {
    input: JSON.stringify(request),
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  expect(child.stderr).toBe("");
  const outcomes: Outcome[] = JSON.parse(child.stdout);
  const seen = { state: 0, fail: 0, crash: 0 };
  for (const [index, source] of sources.entries()) {
    const reference = expected(outcomes[index] ?? {});
    seen[Object.keys(reference)[0] as keyof typeof seen]++;
    expect(await actual(source, common), `seed ${index}:\n${source}\n`).toEqual(clone(reference));
  }
  // The jobs must not all end the same way, or this would show nothing.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(jobCount / 20);
});
