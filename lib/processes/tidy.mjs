// @ts-check
import v8 from "node:v8";
import vm from "node:vm";

const lookEveryMs = 3_000;
/**
 * Of a core. Who has nothing to do uses some of it: looking for work, saying that it lives; on a slow machine several hundredths,
 * since what is done rarely is done slowly.
 */
const restingShare = 0.1;
/** A load leaves as much, and so does a start. */
const worthBytes = 16 * 2 ** 20;

/**
 * What a process used since the look before, as a part of a core, and what memory it has.
 * @typedef {{ share: number, bytes: number }} Look
 */

/** Says of looks one after another when there is something to give back. */
export class Rests {
  /** The least that it had at rest since that was last given back, or had then. */
  #kept = 0;

  /**
   * Whether a process is at rest and has more than when it was last told so: once each time.
   * @param {Look} look
   */
  look({ share, bytes }) {
    if (share >= restingShare) return false;
    if (bytes < this.#kept + worthBytes) {
      this.#kept = Math.min(this.#kept, bytes);
      return false;
    }
    this.#kept = bytes;
    return true;
  }
}

/**
 * Has a process that has come to rest give back what its work left, once: V8 collects while something is allocated, so it
 * would keep the heap of a load until the next one. It takes such a process some 50 to 100 ms.
 */
export function tidyAtRest() {
  const rests = new Rests();
  let used = process.cpuUsage();
  let at = performance.now();
  setInterval(() => {
    const { user, system } = process.cpuUsage(used);
    const share = (user + system) / 1_000 / (performance.now() - at);
    if (rests.look({ share, bytes: process.memoryUsage.rss() })) collect();
    used = process.cpuUsage();
    at = performance.now();
  }, lookEveryMs).unref();
}

/** @typedef {(options?: { type: "major", flavor: "last-resort" }) => void} Collector */

/** @type {Collector | undefined} */
let collector;

/** As before running out of memory, which leaves the least: Node 20 does nothing when it is told so, and is told nothing. */
const isToldHow = Number(process.versions.node.split(".")[0]) >= 22;

/** Collects now. */
export function collect() {
  collector ??= collectorOf();
  if (isToldHow) collector({ type: "major", flavor: "last-resort" });
  else collector();
}

/**
 * V8's own; contexts that are made while the flag stands have it, and no others.
 * @returns {Collector}
 */
function collectorOf() {
  v8.setFlagsFromString("--expose-gc");
  try {
    return vm.runInNewContext("gc");
  } finally {
    v8.setFlagsFromString("--no-expose-gc");
  }
}
