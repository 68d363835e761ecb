// @ts-check

/** @typedef {import("./vitals.mjs").Vitals} Vitals */
/**
 * How long a process may give no sign of life, in milliseconds.
 * @typedef {object} Limits
 * @property {number} stoppedMs while a signal has stopped it: nobody but a person can have meant that
 * @property {number} idleMs without using the processor
 * @property {number} busyMs while it uses the processor, or waits for it or a device
 * @property {number} startMs before its first sign
 */

/** @type {Limits} */
export const usualLimits = { stoppedMs: 6_000, idleMs: 8_000, busyMs: 30_000, startMs: 120_000 };

/** How often the launcher looks. Processes give a sign every second. */
export const lookEveryMs = 500;
/** Silence shorter than this is nothing to look into. */
const unremarkableMs = 1_500;

/**
 * One process that is to give signs of life. It counts only time in which the launcher itself was awake and on time, so
 * neither a suspended machine nor a starved one makes anybody look dead.
 */
export class Watch {
  #limits;
  #silentMs = 0;
  #idleMs = 0;
  #stoppedMs = 0;
  #hasSpoken = false;
  /** @type {number | undefined} */
  #cpuMs;

  /** @param {Limits} [limits] */
  constructor(limits = usualLimits) {
    this.#limits = limits;
  }

  /** It gave a sign. */
  heard() {
    this.#hasSpoken = true;
    this.#beginAnew();
  }

  #beginAnew() {
    this.#silentMs = 0;
    this.#idleMs = 0;
    this.#stoppedMs = 0;
    this.#cpuMs = undefined;
  }

  /**
   * Time has passed. Answers why it is to be replaced, in words that follow "it", or null.
   * @param {number} ms that the launcher was on time for
   * @param {() => Vitals | null} look
   * @returns {string | null}
   */
  passed(ms, look) {
    this.#silentMs += ms;
    if (this.#silentMs < Math.min(unremarkableMs, this.#limits.stoppedMs / 2)) return null;
    const vitals = look();
    // Gone, which its end will tell.
    if (!vitals) return null;
    // A debugger has it: what it cannot say meanwhile does not count against it once it is let go.
    if (vitals.state === "t") {
      this.#beginAnew();
      return null;
    }
    if (vitals.state === "T") return this.#isStopped(ms);
    this.#stoppedMs = 0;
    this.#noteProcessor(ms, vitals);
    if (!this.#hasSpoken) {
      const { startMs } = this.#limits;
      return this.#silentMs >= startMs ? `has not begun to serve within ${seconds(startMs)}` : null;
    }
    if (this.#idleMs >= this.#limits.idleMs) return `stands still (silent for ${seconds(this.#silentMs)})`;
    if (this.#silentMs >= this.#limits.busyMs) return `is busy and silent for ${seconds(this.#silentMs)}`;
    return null;
  }

  /** @param {number} ms */
  #isStopped(ms) {
    // Never seen otherwise since its last sign: it has been so since then.
    const isAllSilence = this.#cpuMs === undefined && this.#hasSpoken;
    this.#stoppedMs = isAllSilence ? this.#silentMs : this.#stoppedMs + ms;
    return this.#stoppedMs >= this.#limits.stoppedMs
      ? `stands still (stopped by a signal for ${seconds(this.#stoppedMs)})`
      : null;
  }

  /** @param {number} ms @param {Vitals} vitals */
  #noteProcessor(ms, { state, cpuMs }) {
    // Runnable and waiting for a device are no rest: it may be the machine that does not let it.
    const isResting = state === "S" && (this.#cpuMs === undefined || cpuMs === this.#cpuMs);
    if (!isResting) this.#idleMs = 0;
    else this.#idleMs = this.#cpuMs === undefined ? this.#silentMs : this.#idleMs + ms;
    this.#cpuMs = cpuMs;
  }
}

/** @param {number} ms */
const seconds = (ms) => `${Math.round(ms / 100) / 10} s`;

/**
 * How much of the time since the last look counts: none when the launcher itself was frozen, suspended or starved.
 * @param {number} elapsedMs
 * @param {number} everyMs how often it means to look
 */
export const countedMs = (elapsedMs, everyMs) => (elapsedMs > 4 * everyMs ? 0 : Math.min(elapsedMs, everyMs));

/** Looks after all watches of this launcher with one timer. */
export class Pulse {
  #everyMs;
  #now;
  #lastAt = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {Set<(ms: number) => void>} */
  #watchers = new Set();

  /** @param {{ everyMs?: number, now?: () => number }} [options] */
  constructor({ everyMs = lookEveryMs, now = () => performance.now() } = {}) {
    this.#everyMs = everyMs;
    this.#now = now;
  }

  /**
   * Calls back with the time that counts, again and again, until the returned function is called.
   * @param {(ms: number) => void} watcher
   * @returns {() => void}
   */
  add(watcher) {
    this.#watchers.add(watcher);
    if (!this.#timer) {
      this.#lastAt = this.#now();
      this.#timer = setInterval(() => this.beat(), this.#everyMs);
      this.#timer.unref();
    }
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** One look. */
  beat() {
    const now = this.#now();
    const ms = countedMs(now - this.#lastAt, this.#everyMs);
    this.#lastAt = now;
    for (const watcher of [...this.#watchers]) watcher(ms);
  }
}

/** The launcher's own. */
export const pulse = new Pulse();
