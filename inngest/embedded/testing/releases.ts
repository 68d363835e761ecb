import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { until } from "./harness";

const driver = "inngest/embedded/testing/release.ts";

export type Engine = {
  /** What user code said, a line each. */
  did: string[];
  errors: string[];
  /** The exit code, null after a signal. */
  ended: Promise<number | null>;
  isUp(): boolean;
  /** True once the events are stored. False when the process refused them or ended before it said so. */
  send(events: object[]): Promise<boolean>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
};

const git = (...args: string[]) =>
  execFileSync("git", args, { maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "ignore"] });

/** Whether this copy of the repository has a commit: a shallow clone or an archive has not. */
export function hasCommit(commit: string): boolean {
  try {
    git("cat-file", "-e", `${commit}^{commit}`);
    return true;
  } catch {
    return false;
  }
}

/** Bundles the engine of the sources below `root` with the driver, as `<outdir>/<name>.mjs`. */
export async function bundleRelease(name: string, outdir: string, root = process.cwd()): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { [name]: driver },
    outdir,
    bundle: true,
    format: "esm",
    loader: { ".sql": "text" },
    outExtension: { ".js": ".mjs" },
    packages: "external",
    platform: "node",
    target: "node20",
  });
}

/** Bundles the engine of a commit of this repository, with today's driver around it. */
export async function bundleCommit(name: string, outdir: string, commit: string): Promise<void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-release-"));
  try {
    const sources = git("archive", commit, "inngest", "db", "lib", "tsconfig.json");
    execFileSync("tar", ["-x", "-C", dir], { input: sources });
    fs.copyFileSync(driver, path.join(dir, driver));
    await bundleRelease(name, outdir, dir);
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
}

/** Starts a bundled engine over `schema` of the database at `url`, without waiting for it. */
export function launch(bundle: string, schema: string, url: string): Engine {
  const child = spawn(process.execPath, [bundle, schema], {
    env: {
      NODE_ENV: "production",
      DATABASE_URL: url,
      SECRET_KEY: "system-test-secret-key-system-test-secret-key",
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const did: string[] = [];
  const errors: string[] = [];
  const waiting = new Map<number, (isAccepted: boolean) => void>();
  let isUp = false;
  let sent = 0;
  let rest = "";
  child.stdout?.on("data", (data) => {
    const lines = `${rest}${data}`.split("\n");
    rest = lines.pop() ?? "";
    did.push(...lines);
  });
  child.stderr?.on("data", (data) => errors.push(String(data)));
  child.on("message", (message: { ready?: true; accepted?: number; refused?: number }) => {
    if (message.ready) isUp = true;
    else waiting.get(message.accepted ?? message.refused ?? 0)?.(message.accepted !== undefined);
  });
  const ended = new Promise<number | null>((resolve) =>
    child.once("close", (code) => {
      isUp = false;
      for (const answer of waiting.values()) answer(false);
      resolve(code);
    }),
  );
  return {
    did,
    errors,
    ended,
    isUp: () => isUp,
    send(events) {
      const send = ++sent;
      return new Promise<boolean>((resolve) => {
        waiting.set(send, resolve);
        child.send({ send, events }, (error) => error && resolve(false));
      }).finally(() => waiting.delete(send));
    },
    kill(signal) {
      // No more events for it, as a load balancer would do.
      isUp = false;
      child.kill(signal);
      return ended;
    },
  };
}

/** Waits until an engine takes events. Throws what it said when it ends instead. */
export async function ready(engine: Engine): Promise<Engine> {
  let isOver = false;
  void engine.ended.then(() => {
    isOver = true;
  });
  await until(() => engine.isUp() || isOver, 30_000);
  if (isOver) throw new Error(`The engine ended: ${engine.errors.join("")}`);
  return engine;
}

/** Sends events to whichever engine is up, each until it is accepted: the load of a rolling deploy. */
export function load(engines: Engine[]) {
  const accepted: string[] = [];
  let n = 0;
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const id = `e${n++}`;
      const events = [
        { id: `${id}-slow`, name: "t/slow", data: { id, ms: 5 } },
        { id: `${id}-three`, name: "t/three", data: {} },
        { id: `${id}-buffered`, name: "t/buffered", data: { trace: id } },
        { id: `${id}-par`, name: "t/par", data: {} },
        { id: `${id}-nap`, name: "t/nap", data: {} },
      ];
      for (let isAccepted = false; !isAccepted; ) {
        const up = engines.filter((engine) => engine.isUp());
        const engine = up[Math.floor(Math.random() * up.length)];
        isAccepted = (await engine?.send(events)) ?? false;
        if (!isAccepted) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      accepted.push(...events.map((event) => event.id));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const lanes = Promise.all([lane(), lane()]);
  return {
    /** Ids of the events that an engine said it has stored. */
    accepted,
    /** Waits until `count` more are. */
    more: (count: number, from = accepted.length) => until(() => accepted.length >= from + count, 60_000),
    async end() {
      isOver = true;
      await lanes;
    },
  };
}

/** What user code did, one line each time it came to an end. */
export const done = (engines: Engine[]) =>
  engines.flatMap((engine) => engine.did).filter((line) => /^(slow end|buffered) /.test(line));

/** The lines of `done` when every function of these events runs once. */
export const doneOnce = (accepted: string[]) =>
  accepted.flatMap((event) => {
    const [id, fn] = event.split("-");
    if (fn === "buffered") return [`buffered ${id}`];
    return fn === "slow" ? [0, 1, 2, 3, 4].map((i) => `slow end ${id} ${i}`) : [];
  });
