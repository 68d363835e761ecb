import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-serve-"));
  fs.copyFileSync("lib/launcher/serve.sh", path.join(dir, "serve.sh"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

/** Runs serve.sh beside a launcher that does this when it is to prepare, and else says who and what it is. */
function serve(prepare: string) {
  const say =
    "console.log(JSON.stringify([process.pid, process.execArgv, process.env.NEXT, ...process.argv.slice(2)]))";
  const script = `if (process.argv[2] === "prepare") { ${prepare} } else { ${say} }`;
  fs.writeFileSync(path.join(dir, "main.mjs"), script);
  const child = spawn("sh", [path.join(dir, "serve.sh"), "start", "a b"], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  return { child, ended: once(child, "close"), out: text(child.stdout), words: text(child.stderr) };
}

/** A Node that can be told from the one that begins. */
function otherNode(): string {
  const file = path.join(dir, "other node");
  fs.writeFileSync(file, `#!/bin/sh\nNEXT=yes exec "${process.execPath}" "$@"\n`, { mode: 0o755 });
  return file;
}

describe("serve.sh", () => {
  it("goes on as the same process, on the Node that it is told, with what it was asked for", async () => {
    const { child, ended, out } = serve(`console.log(${JSON.stringify(otherNode())})`);
    expect(await ended).toEqual([0, null]);
    expect(JSON.parse(await out)).toEqual([child.pid, ["--max-semi-space-size=1"], "yes", "start", "a b"]);
  });

  it("ends as what begins ended, and goes on to nothing", async () => {
    const { ended, out, words } = serve(`console.error("The disk is full."); process.exitCode = 78`);
    expect(await ended).toEqual([78, null]);
    expect(await words).toBe("The disk is full.\n");
    expect(await out).toBe("");
  });

  it("leaves it to what begins how a Ctrl-C ends", async () => {
    const { child, ended, words } = serve(
      `process.on("SIGINT", () => { console.error("bye"); process.exit(0) }); setInterval(() => {}, 1e6); console.error("up")`,
    );
    await once(child.stderr, "data");
    // The terminal's signal goes to all of its group.
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await ended).toEqual([0, null]);
    expect(await words).toBe("up\nbye\n");
  });
});
