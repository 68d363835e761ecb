import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isRunning, until } from "./processes.mjs";
import { startNode, supervise } from "./supervise.mjs";

let dir: string;
const running: { stop(): Promise<void> }[] = [];
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-unit-"));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  fs.rmSync(dir, { recursive: true });
});

/** Supervises a script; what the launcher would print lands in `said`. */
function keep(code: string) {
  const script = path.join(dir, "child.mjs");
  fs.writeFileSync(script, code);
  const said: string[] = [];
  const supervised = supervise({
    name: "child",
    begin: () => startNode(script, { env: { PATH: process.env.PATH } }),
    graceSteps: [
      ["SIGTERM", 500],
      ["SIGKILL", 1000],
    ],
    final: { 78: "Deploy the same release everywhere." },
    say: (words: string) => said.push(words),
  });
  running.push(supervised);
  return { supervised, said };
}

const serves = 'process.send({ type: "ready" }); setInterval(() => {}, 1000);';

it("starts what dies again, and says so", async () => {
  const { supervised, said } = keep(serves);
  await supervised.ready;
  const first = supervised.identity;
  process.kill(first?.pid ?? 0, "SIGKILL");
  expect(
    await until(() => isRunning(supervised.identity) && supervised.identity?.pid !== first?.pid, 20_000),
  ).toBe(true);
  expect(said).toEqual(["The child ended (signal SIGKILL); starting it again in 0.2 s."]);
});

it("gives up what never comes up, with the reason", async () => {
  const { supervised } = keep("process.exit(3)");
  await expect(supervised.ready).rejects.toThrow("The child does not start (exit code 3)");
});

it("does not start again what says that it is of no use, at the start and later", async () => {
  await expect(keep("process.exit(78)").supervised.ready).rejects.toThrow(
    "Deploy the same release everywhere.",
  );
  const { supervised, said } = keep(`process.on("SIGUSR2", () => process.exit(78)); ${serves}`);
  await supervised.ready;
  process.kill(supervised.identity?.pid ?? 0, "SIGUSR2");
  expect((await supervised.givenUp).message).toBe("Deploy the same release everywhere.");
  expect(said).toEqual(["Deploy the same release everywhere."]);
  expect(supervised.identity).toBeNull();
});

it("replaces a process without calling that a death", async () => {
  const { supervised, said } = keep(serves);
  await supervised.ready;
  const first = supervised.identity;
  await supervised.replace();
  expect(await until(() => isRunning(supervised.identity), 20_000)).toBe(true);
  expect(supervised.identity?.pid).not.toBe(first?.pid);
  expect(said).toEqual([]);
});

it("stops for good, by force when it has to", async () => {
  const { supervised } = keep(`process.on("SIGTERM", () => {}); ${serves}`);
  await supervised.ready;
  const first = supervised.identity;
  await supervised.stop();
  expect(isRunning(first)).toBe(false);
});

it("a child with exitWithParent ends when its launcher is killed, after its own stop", async () => {
  const esbuild = await import("esbuild");
  const mark = path.join(dir, "stopped");
  const child = path.join(dir, "child.mjs");
  const entry = `import fs from "node:fs";
    import { exitWithParent } from "@/lib/processes/parent";
    exitWithParent(() => fs.writeFileSync(${JSON.stringify(mark)}, ""));
    process.send?.(process.pid);
    setInterval(() => {}, 1000);`;
  await esbuild.build({
    stdin: { contents: entry, resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: child,
  });
  const owner = `import { fork } from "node:child_process";
    fork(${JSON.stringify(child)}).once("message", (pid) => process.send(pid));`;
  fs.writeFileSync(path.join(dir, "owner.mjs"), owner);
  const launcher = spawn(process.execPath, [path.join(dir, "owner.mjs")], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const pid = await new Promise<number>((resolve) =>
    launcher.once("message", (message) => resolve(Number(message))),
  );
  launcher.kill("SIGKILL");
  expect(await until(() => fs.existsSync(mark), 20_000)).toBe(true);
  const isGone = () => {
    try {
      process.kill(pid, 0);
      return fs.readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
    } catch {
      return true;
    }
  };
  expect(await until(isGone, 20_000)).toBe(true);
});
