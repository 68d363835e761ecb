import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Pulse } from "./liveness.mjs";
import { end, identify, isRunning, until } from "./processes.mjs";
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

type Options = Partial<Parameters<typeof supervise>[0]>;

/** Supervises a script; what the launcher would print lands in `said`. */
function keep(code: string, options: Options = {}) {
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
    ...options,
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

const beats = 'setInterval(() => process.send({ type: "beat" }), 20);';
/** Far apart, so that the words tell which of them was passed, however slow the machine is. */
const limits = { stoppedMs: 400, idleMs: 2_500, busyMs: 60_000, startMs: 60_000 };
const fast = () => new Pulse({ everyMs: 50 });

/** Waits until another process has taken the place of `first`. */
const isReplaced = (supervised: ReturnType<typeof supervise>, first: { pid: number } | null) =>
  until(() => isRunning(supervised.identity) && supervised.identity?.pid !== first?.pid, 60_000);

describe("a child that gives no sign of life", () => {
  it("because a signal stopped it is killed and replaced", async () => {
    const { supervised, said } = keep(`${beats} ${serves}`, { limits, pulse: fast() });
    await supervised.ready;
    const first = supervised.identity;
    process.kill(first?.pid ?? 0, "SIGSTOP");
    expect(await isReplaced(supervised, first)).toBe(true);
    expect(isRunning(first)).toBe(false);
    expect(said[0]).toMatch(/^The child stands still \(stopped by a signal for [\d.]+ s\); replacing it\.$/);
  });

  it("because its main loop waits for ever is killed and replaced", async () => {
    const hangs = `process.on("SIGUSR2", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
      ${beats} ${serves}`;
    const { supervised, said } = keep(hangs, { limits, pulse: fast() });
    await supervised.ready;
    const first = supervised.identity;
    process.kill(first?.pid ?? 0, "SIGUSR2");
    expect(await isReplaced(supervised, first)).toBe(true);
    expect(said[0]).toMatch(/^The child stands still \(silent for /);
  });

  it("because it spins has longer, and is killed and replaced as well", async () => {
    const spins = `process.on("SIGUSR2", () => { for (;;); }); ${beats} ${serves}`;
    const { supervised, said } = keep(spins, { limits: { ...limits, busyMs: 3_000 }, pulse: fast() });
    await supervised.ready;
    const first = supervised.identity;
    process.kill(first?.pid ?? 0, "SIGUSR2");
    expect(await isReplaced(supervised, first)).toBe(true);
    expect(said[0]).toMatch(/^The child is busy and silent for /);
  });

  it("while it is being stopped is not waited for any longer than that", async () => {
    const { supervised, said } = keep(`${beats} ${serves}`, {
      limits,
      pulse: fast(),
      graceSteps: [["SIGTERM", 600_000]],
    });
    await supervised.ready;
    process.kill(supervised.identity?.pid ?? 0, "SIGSTOP");
    await supervised.stop();
    expect(isRunning(supervised.identity)).toBe(false);
    expect(said[0]).toMatch(/^The child stands still /);
  });

  it("and sends none by itself is asked, and replaced when it does not answer", async () => {
    let answers = true;
    const asked: boolean[] = [];
    const { supervised } = keep(serves, {
      limits,
      pulse: fast(),
      probe: async () => {
        asked.push(answers);
        return answers;
      },
    });
    await supervised.ready;
    const first = supervised.identity;
    await until(() => asked.length >= 3, 60_000);
    expect(supervised.identity).toEqual(first);
    answers = false;
    expect(await isReplaced(supervised, first)).toBe(true);
  });

  it("that the launcher heard is left alone, also when that was itself late", async () => {
    const own = fast();
    const { supervised, said } = keep(`${beats} ${serves}`, { limits, pulse: own });
    await supervised.ready;
    const first = supervised.identity;
    // Nothing of what came meanwhile is read, as in a launcher that was frozen.
    for (let i = 0; i < 5; i++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      own.beat();
    }
    let looks = 0;
    own.add(() => looks++);
    await until(() => looks >= 40, 60_000);
    expect(said).toEqual([]);
    expect(supervised.identity).toEqual(first);
  });
});

describe("a child that ended because of others", () => {
  it("is started when they are back, and none of it counts against it", async () => {
    let away: string | null = null;
    const { supervised, said } = keep(serves, { whatIsAway: async () => away });
    await supervised.ready;
    const kill = () => process.kill(supervised.identity?.pid ?? 0, "SIGKILL");
    away = "the database is away";
    kill();
    expect(await until(() => said.length > 0, 20_000)).toBe(true);
    expect(said).toEqual([
      "The child ended (signal SIGKILL) because the database is away; it starts as soon as it can.",
    ]);
    expect(supervised.identity).toBeNull();
    away = null;
    expect(await until(() => isRunning(supervised.identity), 20_000)).toBe(true);
    // The first death of its own: the shortest pause.
    const next = supervised.identity;
    kill();
    expect(await isReplaced(supervised, next)).toBe(true);
    expect(said.at(-1)).toBe("The child ended (signal SIGKILL); starting it again in 0.2 s.");
  });

  it("is started at once, however often somebody ends what served", async () => {
    const clean = `process.on("SIGTERM", () => process.exit(0)); ${serves}`;
    const { supervised, said } = keep(clean, { settledMs: 0 });
    await supervised.ready;
    for (const signal of ["SIGTERM", "SIGKILL", "SIGTERM", "SIGKILL"] as const) {
      const before = supervised.identity;
      process.kill(before?.pid ?? 0, signal);
      expect(await isReplaced(supervised, before)).toBe(true);
    }
    expect(said).toHaveLength(4);
    for (const words of said) expect(words).toContain("starting it again in 0.2 s.");
  });

  it("says so itself with exit code 75, as often as it likes", async () => {
    const mark = path.join(dir, "may-start");
    const code = `import fs from "node:fs";
      if (!fs.existsSync(${JSON.stringify(mark)})) { fs.appendFileSync(${JSON.stringify(`${mark}.tries`)}, "."); process.exit(75); }
      ${serves}`;
    const { supervised, said } = keep(code);
    // More often than a start that fails of itself is tried.
    await until(() => fs.existsSync(`${mark}.tries`) && fs.statSync(`${mark}.tries`).size >= 5, 60_000);
    fs.writeFileSync(mark, "");
    await supervised.ready;
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("because what it needs was away");
  });
});

describe("hurrying a stop", () => {
  it("sends the signal once more, and kills what still does not end", async () => {
    const mark = path.join(dir, "signals");
    const patient = `import fs from "node:fs";
      process.on("SIGTERM", () => fs.appendFileSync(${JSON.stringify(mark)}, "T")); ${serves}`;
    const script = path.join(dir, "patient.mjs");
    fs.writeFileSync(script, patient);
    const child = startNode(script, { env: { PATH: process.env.PATH } });
    await new Promise((resolve) => child.once("message", resolve));
    const identity = identify(child.pid);
    const hurry = new AbortController();
    const ended = end(
      identity,
      [
        ["SIGTERM", 600_000],
        ["SIGKILL", 20_000],
      ],
      hurry.signal,
    );
    await until(() => fs.existsSync(mark), 20_000);
    hurry.abort();
    await ended;
    expect(isRunning(identity)).toBe(false);
    expect(fs.readFileSync(mark, "utf8")).toBe("TT");
  });

  it("says what is waited for while it is", async () => {
    const working = `process.on("SIGTERM", () => {
      process.send({ type: "waiting", what: "steps", count: 2 }); setTimeout(() => process.exit(0), 2500); }); ${serves}`;
    const { supervised, said } = keep(working, { graceSteps: [["SIGTERM", 300_000]] });
    await supervised.ready;
    await supervised.stop();
    expect(said).toEqual(["Waiting for 2 steps that run, up to 5 minutes; Ctrl-C again stops them."]);
  });
});

it("what hears of its processes may fail without ending them", async () => {
  const { supervised, said } = keep(serves, {
    onChange: () => {
      throw new Error("ENOSPC");
    },
  });
  await supervised.ready;
  const first = supervised.identity;
  process.kill(first?.pid ?? 0, "SIGKILL");
  expect(await isReplaced(supervised, first)).toBe(true);
  expect(said).toContain("ENOSPC");
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
