import v8 from "node:v8";
import vm from "node:vm";

const lookEveryMs = 3_000;
/** Of a core: what a process uses that works, and one that has nothing to do. */
const workingShare = 0.1;
const restingShare = 0.02;

/** Says of looks one after another, each with the part of a core that was used since the one before, when work is over. */
export class Rests {
  /** A start leaves as much as a load does. */
  #hasWorked = true;

  /** Whether a process that worked has come to rest: once each time. */
  look(share: number): boolean {
    if (share >= workingShare) this.#hasWorked = true;
    if (share >= restingShare || !this.#hasWorked) return false;
    this.#hasWorked = false;
    return true;
  }
}

/**
 * Has a process that has come to rest give back what its work left, once: V8 collects while something is allocated, so it
 * would keep the heap of a load until the next one. It takes such a process some 50 to 100 ms.
 */
export function tidyAtRest(): void {
  const rests = new Rests();
  let used = process.cpuUsage();
  let at = performance.now();
  setInterval(() => {
    const { user, system } = process.cpuUsage(used);
    const share = (user + system) / 1_000 / (performance.now() - at);
    if (rests.look(share)) collect();
    used = process.cpuUsage();
    at = performance.now();
  }, lookEveryMs).unref();
}

type Collector = (options?: { type: "major"; flavor: "last-resort" }) => void;

let collector: Collector | undefined;

/** As before running out of memory, which leaves the least: Node 20 does nothing when it is told so, and is told nothing. */
const isToldHow = Number(process.versions.node.split(".")[0]) >= 22;

/** Collects now. */
export function collect(): void {
  collector ??= collectorOf();
  if (isToldHow) collector({ type: "major", flavor: "last-resort" });
  else collector();
}

/** V8's own; contexts that are made while the flag stands have it, and no others. */
function collectorOf(): Collector {
  v8.setFlagsFromString("--expose-gc");
  try {
    return vm.runInNewContext("gc");
  } finally {
    v8.setFlagsFromString("--no-expose-gc");
  }
}
