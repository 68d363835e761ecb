import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.mjs";
import { end, identify, until } from "./processes.mjs";

const firstDelayMs = 200;
const longestDelayMs = 30_000;
/** A process that has run this long has recovered: the next end starts counting anew. */
const steadyAfterMs = 60_000;
/** Deaths before the first time it was ready, after which the start is given up. */
const patience = 3;

/** The pause before the n-th start in a row, counted from 1. */
export const backOffMs = (deaths) => Math.min(firstDelayMs * 2 ** (deaths - 1), longestDelayMs);

const how = (code, signal) => (signal ? `signal ${signal}` : `exit code ${code}`);

/**
 * Keeps one process running until `stop()`. `begin` starts it and resolves to its child process; `isReady` says when
 * it serves (a child that sends `{ type: "ready" }` is ready by itself). `onChange` hears every new identity.
 */
export function supervise({ name, begin, isReady, graceSteps, onChange = () => {}, say = console.error }) {
  let child;
  let identity = null;
  let deaths = 0;
  let wasReady = false;
  let stopping = false;
  let restarting = false;
  const pause = new AbortController();
  let settle;
  const ready = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  ready.catch(() => {});

  const becameReady = () => {
    if (wasReady || stopping) return;
    wasReady = true;
    settle.resolve();
  };

  async function start() {
    const began = Date.now();
    let mine;
    try {
      mine = await begin();
    } catch (error) {
      return ended(error.message, began, error);
    }
    child = mine;
    identity = identify(mine.pid);
    onChange(identity);
    mine.once("error", (error) => ended(error.message, began));
    mine.once("exit", (code, signal) => ended(how(code, signal), began));
    mine.on("message", (message) => message?.type === "ready" && becameReady());
    // A stop that was asked for while the process was being started.
    if (stopping) return void end(identity, graceSteps);
    const probe = async () => mine !== child || stopping || wasReady || (await isReady?.(mine));
    if (isReady && (await until(probe, 60_000, 50)) && mine === child) becameReady();
  }

  async function ended(reason, began, error) {
    child = undefined;
    identity = null;
    onChange(null);
    if (stopping) return;
    if (restarting) {
      restarting = false;
      return start();
    }
    if (Date.now() - began > steadyAfterMs) deaths = 0;
    deaths += 1;
    if (!wasReady && deaths >= patience)
      return settle.reject(
        error instanceof Failure
          ? error
          : new Failure(`The ${name} does not start (${reason}); its own words are above.`),
      );
    const delayMs = backOffMs(deaths);
    say(`The ${name} ended (${reason}); starting it again in ${delayMs / 1000} s.`);
    await sleep(delayMs, undefined, { signal: pause.signal }).catch(() => {});
    if (!stopping) await start();
  }

  void start();
  return {
    name,
    ready,
    current: () => identity,
    async stop() {
      stopping = true;
      pause.abort();
      settle.reject(new Failure("Stopped."));
      if (identity) await end(identity, graceSteps);
    },
    /** Ends it and lets it be started again, e.g. after its code has changed. */
    async restart() {
      if (!identity) return;
      restarting = true;
      await end(identity, graceSteps);
    },
    kill() {
      stopping = true;
      if (identity) void end(identity, [["SIGKILL", 0]]);
    },
  };
}

/** Starts a Node process that ends with this one: the channel between them closes when the launcher is gone. */
export function startNode(script, { args = [], env, cwd, execArgv = [], quiet = false }) {
  return spawn(process.execPath, [...execArgv, script, ...args], {
    cwd,
    env,
    // Records go to standard error; what libraries chat on standard output is for developers. A session of its own, so that Ctrl-C reaches the launcher only, which stops it in turn.
    stdio: ["ignore", quiet ? "ignore" : "inherit", "inherit", "ipc"],
    detached: true,
  });
}
