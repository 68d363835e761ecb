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
const readyWithinMs = 120_000;

/** The pause before the n-th start in a row, counted from 1. */
export const backOffMs = (deaths) => Math.min(firstDelayMs * 2 ** (deaths - 1), longestDelayMs);

const how = (code, signal) => (signal ? `signal ${signal}` : `exit code ${code}`);

/**
 * One process that is kept running until `stop()`. `begin` starts it and resolves to its child process; `isReady` says
 * when it serves (a child that sends `{ type: "ready" }` is ready by itself); `graceSteps` is how it is ended.
 * `onChange` hears every new identity, null while there is none. `final` has the sentence for each exit code after which
 * starting again is of no use.
 */
class Supervised {
  #options;
  #child;
  /** @type {{ pid: number, start: string | null } | null} */
  #identity = null;
  #deaths = 0;
  #state = "starting";
  #isReplacing = false;
  #pause = new AbortController();
  #settle;

  constructor(options) {
    this.#options = { onChange() {}, say: console.error, final: {}, ...options };
    /** Resolves when it first serves; rejects with a `Failure` when it does not come up. */
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject, giveUp() {} };
    });
    this.ready.catch(() => {});
    /** Resolves to the `Failure` with which it was given up after it had served. */
    this.givenUp = new Promise((resolve) => {
      this.#settle.giveUp = resolve;
    });
    void this.#start();
  }

  get name() {
    return this.#options.name;
  }

  /** Pid and start of the process as it runs now, or null. */
  get identity() {
    return this.#identity;
  }

  async #start() {
    const began = Date.now();
    let child;
    try {
      child = await this.#options.begin();
    } catch (error) {
      return this.#ended(error.message, began, { error });
    }
    this.#child = child;
    this.#become(identify(child.pid));
    const ended = (reason, code) => this.#child === child && this.#ended(reason, began, { code });
    child.once("error", (error) => ended(error.message));
    child.once("exit", (code, signal) => ended(how(code, signal), code));
    child.on("message", (message) => message?.type === "ready" && this.#becameReady());
    // A stop that was asked for while the process was being started.
    if (this.#state === "stopping") return end(this.#identity, this.#options.graceSteps);
    await this.#watch(child);
  }

  /** Waits until the child serves, for the first time only. */
  async #watch(child) {
    const { isReady, name } = this.#options;
    const settled = async () =>
      child !== this.#child || this.#state !== "starting" || Boolean(await isReady?.(child));
    const isSettled = await until(settled, readyWithinMs, 50);
    if (child !== this.#child || this.#state !== "starting") return;
    if (isSettled) this.#becameReady();
    else
      this.#settle.reject(
        new Failure(`The ${name} does not answer after ${readyWithinMs / 1000} s; its own words are above.`),
      );
  }

  #becameReady() {
    if (this.#state !== "starting") return;
    this.#state = "serving";
    this.#settle.resolve();
  }

  #become(identity) {
    this.#identity = identity;
    this.#options.onChange(identity);
  }

  async #ended(reason, began, { error, code } = {}) {
    this.#child = undefined;
    this.#become(null);
    if (this.#state === "stopping") return;
    if (this.#isReplacing) {
      this.#isReplacing = false;
      return this.#start();
    }
    const verdict = this.#options.final[code];
    if (verdict) return this.#giveUp(new Failure(verdict));
    if (Date.now() - began > steadyAfterMs) this.#deaths = 0;
    this.#deaths += 1;
    const { name, say } = this.#options;
    if (this.#state === "starting" && this.#deaths >= patience) {
      const failure = new Failure(`The ${name} does not start (${reason}); its own words are above.`);
      return this.#settle.reject(error instanceof Failure ? error : failure);
    }
    const delayMs = backOffMs(this.#deaths);
    say(`The ${name} ended (${reason}); starting it again in ${delayMs / 1000} s.`);
    await sleep(delayMs, undefined, { signal: this.#pause.signal }).catch(() => {});
    if (this.#state !== "stopping") await this.#start();
  }

  #giveUp(failure) {
    if (this.#state === "starting") return this.#settle.reject(failure);
    this.#options.say(failure.message);
    this.#settle.giveUp(failure);
  }

  async stop() {
    this.#state = "stopping";
    this.#pause.abort();
    this.#settle.reject(new Failure("Stopped."));
    if (this.#identity) await end(this.#identity, this.#options.graceSteps);
  }

  /** Ends it and starts it again at once, e.g. after its code has changed. */
  async replace() {
    if (!this.#identity) return;
    this.#isReplacing = true;
    await end(this.#identity, this.#options.graceSteps);
  }

  /** Sends one signal and waits for nothing. */
  kill(signal = "SIGKILL") {
    this.#state = "stopping";
    if (this.#identity) void end(this.#identity, [[signal, 0]]);
  }
}

/** Starts a process and keeps it running; see `Supervised`. */
export const supervise = (options) => new Supervised(options);

/**
 * Starts a Node process that ends with this one: the channel between them closes when the launcher is gone. Records
 * go to standard error; what libraries chat on standard output (`quiet` drops it) is for developers.
 * @param {string} script
 * @param {{ args?: string[], env?: Record<string, string | undefined>, cwd?: string, execArgv?: string[], quiet?: boolean }} [options]
 */
export function startNode(script, { args = [], env, cwd, execArgv = [], quiet = false } = {}) {
  return spawn(process.execPath, [...execArgv, script, ...args], {
    cwd,
    env,
    stdio: ["ignore", quiet ? "ignore" : "inherit", "inherit", "ipc"],
    // A session of its own, so that Ctrl-C reaches the launcher only, which stops it in turn.
    detached: true,
  });
}
