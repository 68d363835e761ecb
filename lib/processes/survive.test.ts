import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let dir: string;
beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-unit-"));
  const contents = `import { EventEmitter } from "node:events";
    import net from "node:net";
    import { surviveErrors } from "@/lib/processes/survive";
    surviveErrors();
    const emit = (error: unknown) => new EventEmitter().emit("error", error);
    const acts: Record<string, () => void> = {
      rejection: () => void Promise.reject(new Error("nobody waits")),
      outage: () => emit(Object.assign(new Error("terminating connection"), { code: "57P01" })),
      ended: () => emit(new Error("Connection terminated unexpectedly")),
      refused: () => void net.connect({ host: "127.0.0.1", port: 1 }),
      full: () => emit(Object.assign(new Error("no space"), { code: "ENOSPC", syscall: "write" })),
      output: () => process.stderr.emit("error", Object.assign(new Error("no space"), { code: "ENOSPC" })),
      defect: () => emit(new TypeError("undefined is no function")),
      thrown: () => { setImmediate(() => { throw new Error("by hand"); }); },
    };
    setTimeout(() => { console.log("alive"); process.exit(0); }, 300);
    acts[process.argv[2] ?? ""]?.();`;
  await build({
    stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: path.join(dir, "child.mjs"),
  });
});
afterAll(() => fs.rmSync(dir, { recursive: true }));

async function run(act: string) {
  const child = spawn(process.execPath, [path.join(dir, "child.mjs"), act], {
    env: { NODE_ENV: "production", PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, said: said.trim(), complained: complained.trim() };
}

describe("an error that nobody listens for", () => {
  it.each(["rejection", "outage", "ended", "refused", "full", "output"])(
    "(%s) ends no process",
    async (act) => {
      const { code, said, complained } = await run(act);
      expect({ code, said }).toEqual({ code: 0, said: "alive" });
      if (act !== "output") expect(JSON.parse(complained)).toMatchObject({ level: "error" });
    },
  );

  it.each(["defect", "thrown"])("(%s) that is a defect ends it with words", async (act) => {
    const { code, said, complained } = await run(act);
    expect({ code, said }).toEqual({ code: 70, said: "" });
    expect(JSON.parse(complained).message).toContain("a defect");
  });
});
