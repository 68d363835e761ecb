// @ts-check
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { forSpawn } from "./environment.mjs";
import { Failure, wordsOf } from "./failure.mjs";
import { end, identify, until } from "./processes.mjs";

const firstDelayMs = 200;
const longestDelayMs = 30_000;
/** A process that has run this long has recovered: the next end starts counting anew. */
const steadyAfterMs = 60_000;
/** Deaths before the first time it was ready, after which the start is given up. */
const patience = 3;
const readyWithinMs = 120_000;

/** @typedef {import("./processes.mjs").Identity} Identity */
/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/**
 * @typedef {object} SuperviseOptions
 * @property {string} name
 * @property {() => ChildProcess | Promise<ChildProcess>} begin starts it
 * @property {(child: ChildProcess) => unknown} [isReady] whether it serves; a child that sends `{ type: "ready" }` is
 *   ready by itself
 * @property {import("./processes.mjs").GraceSteps} graceSteps how it is ended
 * @property {((identity: Identity | null) => void) | undefined} [onChange] hears every new identity, null while there
 *   is none
 * @property {(words: string) => void} [say]
 * @property {Record<number, string>} [final] the sentence for each exit code after which starting again is of no use
 */

/**
 * The pause before the n-th start in a row, counted from 1.
 * @param {number} deaths
 */
export const backOffMs = (deaths) => Math.min(firstDelayMs * 2 ** (deaths - 1), longestDelayMs);

/** @param {number | null} code @param {string | null} signal */
const how = (code, signal) => (signal ? `signal ${signal}` : `exit code ${code}`);

/** One process that is kept running until `stop()`. */
export class Supervised {
  #options;
  /** @type {ChildProcess | undefined} */
  #child;
  /** @type {Identity | null} */
  #identity = null;
  #deaths = 0;
  /** @type {"starting" | "serving" | "stopping"} */
  #state = "starting";
  #isReplacing = false;
  #pause = new AbortController();
  /** @type {() => void} */
  #resolve = () => {};
  /** @type {(error: unknown) => void} */
  #reject = () => {};
  /** @type {(failure: Failure) => void} */
  #settleGivenUp = () => {};

  /** @param {SuperviseOptions} options */
  constructor(options) {
    this.#options = { say: console.error, final: {}, ...options };
    /**
     * Resolves when it first serves; rejects with a `Failure` when it does not come up.
     * @type {Promise<void>}
     */
    this.ready = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ready.catch(() => {});
    /**
     * Resolves to the `Failure` with which it was given up after it had served.
     * @type {Promise<Failure>}
     */
    this.givenUp = new Promise((resolve) => {
      this.#settleGivenUp = resolve;
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

  /** @returns {Promise<void>} */
  async #start() {
    const began = Date.now();
    let child;
    try {
      child = await this.#options.begin();
    } catch (error) {
      return this.#ended(wordsOf(error), began, { error });
    }
    this.#child = child;
    this.#become(identify(child.pid));
    /** @param {string} reason @param {number | null} [code] */
    const ended = (reason, code = null) => this.#child === child && this.#ended(reason, began, { code });
    child.once("error", (error) => ended(error.message));
    child.once("exit", (code, signal) => ended(how(code, signal), code));
    child.on("message", (message) => isReadyMessage(message) && this.#becameReady());
    // A stop that was asked for while the process was being started.
    if (this.#state === "stopping") return end(this.#identity, this.#options.graceSteps);
    await this.#watch(child);
  }

  /**
   * Waits until the child serves, for the first time only.
   * @param {ChildProcess} child
   */
  async #watch(child) {
    const { isReady, name } = this.#options;
    const settled = async () =>
      child !== this.#child || this.#state !== "starting" || Boolean(await isReady?.(child));
    const isSettled = await until(settled, readyWithinMs, 50);
    if (child !== this.#child || this.#state !== "starting") return;
    if (isSettled) this.#becameReady();
    else
      this.#reject(
        new Failure(`The ${name} does not answer after ${readyWithinMs / 1000} s; its own words are above.`),
      );
  }

  #becameReady() {
    if (this.#state !== "starting") return;
    this.#state = "serving";
    this.#resolve();
  }

  /** @param {Identity | null} identity */
  #become(identity) {
    this.#identity = identity;
    this.#options.onChange?.(identity);
  }

  /**
   * @param {string} reason
   * @param {number} began
   * @param {{ error?: unknown, code?: number | null }} [how] what `begin` threw, or the exit code
   * @returns {Promise<void>}
   */
  async #ended(reason, began, { error, code = null } = {}) {
    this.#child = undefined;
    this.#become(null);
    if (this.#state === "stopping") return;
    if (this.#isReplacing) {
      this.#isReplacing = false;
      return this.#start();
    }
    const verdict = code === null ? undefined : this.#options.final[code];
    if (verdict) return this.#giveUp(new Failure(verdict));
    if (Date.now() - began > steadyAfterMs) this.#deaths = 0;
    this.#deaths += 1;
    const { name, say } = this.#options;
    if (this.#state === "starting" && this.#deaths >= patience) {
      const failure = new Failure(`The ${name} does not start (${reason}); its own words are above.`);
      return this.#reject(error instanceof Failure ? error : failure);
    }
    const delayMs = backOffMs(this.#deaths);
    say(`The ${name} ended (${reason}); starting it again in ${delayMs / 1000} s.`);
    await sleep(delayMs, undefined, { signal: this.#pause.signal }).catch(() => {});
    if (!this.#isStopping()) await this.#start();
  }

  /** A question of its own, because the answer changes while others are awaited. */
  #isStopping() {
    return this.#state === "stopping";
  }

  /** @param {Failure} failure */
  #giveUp(failure) {
    if (this.#state === "starting") return this.#reject(failure);
    this.#options.say(failure.message);
    this.#settleGivenUp(failure);
  }

  async stop() {
    this.#state = "stopping";
    this.#pause.abort();
    this.#reject(new Failure("Stopped."));
    if (this.#identity) await end(this.#identity, this.#options.graceSteps);
  }

  /** Ends it and starts it again at once, e.g. after its code has changed. */
  async replace() {
    if (!this.#identity) return;
    this.#isReplacing = true;
    await end(this.#identity, this.#options.graceSteps);
  }

  /**
   * Sends one signal and waits for nothing.
   * @param {NodeJS.Signals} [signal]
   */
  kill(signal = "SIGKILL") {
    this.#state = "stopping";
    if (this.#identity) void end(this.#identity, [[signal, 0]]);
  }
}

/** @param {unknown} message */
const isReadyMessage = (message) =>
  typeof message === "object" && message !== null && "type" in message && message.type === "ready";

/**
 * Starts a process and keeps it running; see `Supervised`.
 * @param {SuperviseOptions} options
 */
export const supervise = (options) => new Supervised(options);

/**
 * Starts a Node process that ends with this one: the channel between them closes when the launcher is gone. Records
 * go to standard error; what libraries chat on standard output (`quiet` drops it) is for developers.
 * @param {string} script
 * @param {{ args?: string[], env?: import("./environment.mjs").Variables, cwd?: string, execArgv?: string[], quiet?: boolean }} [options]
 */
export function startNode(script, { args = [], env, cwd, execArgv = [], quiet = false } = {}) {
  return spawn(process.execPath, [...execArgv, script, ...args], {
    cwd,
    env: env && forSpawn(env),
    stdio: ["ignore", quiet ? "ignore" : "inherit", "inherit", "ipc"],
    // A session of its own, so that Ctrl-C reaches the launcher only, which stops it in turn.
    detached: true,
  });
}
