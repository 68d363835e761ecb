// @ts-check
import { spawn } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { forSpawn } from "./environment.mjs";
import { exitCodes } from "./exit-codes.mjs";
import { Failure, wordsOf } from "./failure.mjs";
import { pulse, Watch } from "./liveness.mjs";
import { end, identify, until } from "./processes.mjs";
import { servingNode } from "./runtime.mjs";
import { hurry } from "./signals.mjs";
import { vitalsOf } from "./vitals.mjs";
import { sayWaiting } from "./waiting.mjs";

const firstDelayMs = 200;
const longestDelayMs = 30_000;
/** A process that has run this long has recovered: the next end starts counting anew. */
const steadyAfterMs = 60_000;
/** Deaths before the first time it was ready, after which the start is given up. */
const patience = 3;
const readyWithinMs = 120_000;
/** What lives so long can do so while something else is away, and ends by itself for a reason that came later. */
const settledAfterMs = 5_000;
/** What is away is looked for so often, and for so long before a start is tried all the same. */
const lookAgainMs = 250;
const awayPatienceMs = 30_000;
/** A probe that has to be answered is sent so often. */
const probeEveryMs = 1_000;

/** Signals of a process's own faults; the others are sent by somebody. */
const crashes = new Set(["SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGSYS", "SIGTRAP"]);

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
 * @property {() => Promise<string | null>} [whatIsAway] what it cannot go on without and is away, in words that follow
 *   "because": then its end is none of its own faults
 * @property {import("./liveness.mjs").Limits | null} [limits] how long it may be silent; null when nobody watches
 * @property {() => Promise<boolean>} [probe] asks for a sign of life, of a child that sends none by itself
 * @property {import("./liveness.mjs").Pulse} [pulse]
 * @property {number} [settledMs] how long it has to live to be called settled, milliseconds
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
  /** What was away when it ended, as it was said. */
  #away = "";
  #waits = { count: 0, what: "" };
  #pause = new AbortController();
  /** @type {() => void} */
  #resolve = () => {};
  /** @type {(error: unknown) => void} */
  #reject = () => {};
  /** @type {(failure: Failure) => void} */
  #settleGivenUp = () => {};

  /** @param {SuperviseOptions} options */
  constructor(options) {
    this.#options = {
      say: console.error,
      final: {},
      limits: null,
      pulse,
      settledMs: settledAfterMs,
      ...options,
    };
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
    /** @param {string} reason @param {number | null} [code] @param {string | null} [signal] */
    const ended = (reason, code = null, signal = null) =>
      this.#child === child && this.#ended(reason, began, { code, signal });
    // An error may be told of more than once, and of a message that found nobody: only a process that is none has ended.
    child.on("error", (error) => child.pid === undefined && ended(error.message));
    child.once("exit", (code, signal) => ended(how(code, signal), code, signal));
    const heard = this.#keepAlive(child);
    child.on("message", (message) => {
      heard();
      if (isMessage(message, "ready")) this.#becameReady();
      if (isMessage(message, "waiting"))
        this.#waits = { count: Number(message.count), what: String(message.what) };
    });
    // A stop that was asked for while the process was being started.
    if (this.#state === "stopping") return end(this.#identity, this.#options.graceSteps, hurry);
    await this.#awaitReady(child);
  }

  /**
   * Ends a child that gives no sign of life for too long, whatever it is doing; its end starts the next one. Resolves to
   * what is to be called at each sign.
   * @param {ChildProcess} child
   * @returns {() => void}
   */
  #keepAlive(child) {
    const { limits, probe, name, say } = this.#options;
    if (!limits) return () => {};
    const watch = new Watch(limits);
    const identity = this.#identity;
    let sinceProbeMs = probeEveryMs;
    let isAsking = false;
    const ask = async () => {
      isAsking = true;
      if (await probe?.().catch(() => false)) watch.heard();
      isAsking = false;
    };
    const stopLooking = this.#options.pulse.add((ms) => {
      sinceProbeMs += ms;
      if (probe && !isAsking && sinceProbeMs >= probeEveryMs) {
        sinceProbeMs = 0;
        void ask();
      }
      const why = watch.passed(ms, () => vitalsOf(child.pid ?? 0));
      if (!why || child !== this.#child) return;
      stopLooking();
      say(`The ${name} ${why}; replacing it.`);
      void end(identity, [["SIGKILL", 0]]);
    });
    child.once("exit", stopLooking);
    return () => watch.heard();
  }

  /**
   * Waits until the child serves, for the first time only.
   * @param {ChildProcess} child
   */
  async #awaitReady(child) {
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
    try {
      this.#options.onChange?.(identity);
    } catch (error) {
      this.#options.say(wordsOf(error));
    }
  }

  /**
   * @param {string} reason
   * @param {number} began
   * @param {{ error?: unknown, code?: number | null, signal?: string | null }} [how] what `begin` threw, or how it ended
   * @returns {Promise<void>}
   */
  async #ended(reason, began, { error, code = null, signal = null } = {}) {
    this.#child = undefined;
    this.#waits = { count: 0, what: "" };
    this.#become(null);
    if (this.#state === "stopping") return;
    if (this.#isReplacing) {
      this.#isReplacing = false;
      return this.#start();
    }
    const verdict = code === null ? undefined : this.#options.final[code];
    if (verdict) return this.#giveUp(new Failure(verdict));
    if (Date.now() - began > steadyAfterMs) this.#deaths = 0;
    if (await this.#endedByOthers(reason, code, Date.now() - began)) return;
    const { name, say, settledMs } = this.#options;
    // Somebody ended it: what had served until then did nothing wrong.
    const isBySomebody = code === 0 || (signal !== null && !crashes.has(signal));
    const counts = !isBySomebody || this.#state === "starting" || Date.now() - began < settledMs;
    if (counts) this.#deaths += 1;
    if (this.#state === "starting" && this.#deaths >= patience) {
      const failure = new Failure(`The ${name} does not start (${reason}); its own words are above.`);
      return this.#reject(error instanceof Failure ? error : failure);
    }
    const delayMs = counts ? backOffMs(this.#deaths) : firstDelayMs;
    say(`The ${name} ended (${reason}); starting it again in ${delayMs / 1000} s.`);
    await this.#rest(delayMs);
    if (!this.#isStopping()) await this.#start();
  }

  /**
   * Starts it again without counting it when something that it needs is away: at once when it had been able to live with
   * that, else as soon as it is back.
   * @param {string} reason
   * @param {number | null} code
   * @param {number} livedMs
   * @returns {Promise<boolean>} whether that was why
   */
  async #endedByOthers(reason, code, livedMs) {
    const { name, say, whatIsAway } = this.#options;
    const look = async () => (await whatIsAway?.().catch(() => null)) ?? null;
    let away = await look();
    if (this.#isStopping()) return true;
    if (!away && code !== exitCodes.away) {
      this.#away = "";
      return false;
    }
    away ??= "what it needs was away";
    if (away !== this.#away)
      say(`The ${name} ended (${reason}) because ${away}; it starts as soon as it can.`);
    this.#away = away;
    await this.#rest(firstDelayMs);
    const isBack = async () => this.#isStopping() || (await look()) === null;
    if (livedMs < this.#options.settledMs) await until(isBack, awayPatienceMs, lookAgainMs);
    if (!this.#isStopping()) await this.#start();
    return true;
  }

  /** @param {number} ms at most: a stop ends it */
  async #rest(ms) {
    await sleep(ms, undefined, { signal: this.#pause.signal }).catch(() => {});
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
    if (!this.#identity) return;
    const { name, graceSteps, say } = this.#options;
    const said = sayWaiting({ name, graceMs: graceSteps[0]?.[1] ?? 0, waits: () => this.#waits, say });
    await end(this.#identity, graceSteps, hurry).finally(said);
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

/**
 * @param {unknown} message
 * @param {string} type
 * @returns {message is { type: string, count?: unknown, what?: unknown }}
 */
const isMessage = (message, type) =>
  typeof message === "object" && message !== null && "type" in message && message.type === type;

/**
 * Starts a process and keeps it running; see `Supervised`.
 * @param {SuperviseOptions} options
 */
export const supervise = (options) => new Supervised(options);

/** @type {string | undefined} */
let node;

/**
 * Beside the Node that this runs on is its npm, which the runner installs adaptors with.
 * @param {string | undefined} path
 */
const withOwn = (path) => [path, dirname(process.execPath)].filter(Boolean).join(delimiter);

/**
 * Starts a Node process that ends with this one: the channel between them closes when the launcher is gone. Records
 * go to standard error; what libraries chat on standard output (`quiet` drops it) is for developers.
 * @param {string} script
 * @param {{ args?: string[], env?: import("./environment.mjs").Variables, cwd?: string, execArgv?: string[], quiet?: boolean }} [options]
 */
export function startNode(script, { args = [], env, cwd, execArgv = [], quiet = false } = {}) {
  node ??= servingNode();
  return spawn(node, [...execArgv, script, ...args], {
    cwd,
    env: forSpawn({ ...(env ?? process.env), PATH: withOwn((env ?? process.env).PATH) }),
    stdio: ["ignore", quiet ? "ignore" : "inherit", "inherit", "ipc"],
    // A session of its own, so that Ctrl-C reaches the launcher only, which stops it in turn.
    detached: true,
  });
}
