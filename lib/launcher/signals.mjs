// @ts-check
import { setMaxListeners } from "node:events";
import { wordsOf } from "./failure.mjs";
import { endCommands } from "./progress.mjs";

/** @type {(() => unknown)[]} */
const cleanups = [];

/**
 * Adds something to undo when the launcher stops; the last one added is undone first.
 * @param {() => unknown} cleanup may answer with a promise
 * @returns {() => void} withdraws it
 */
export function onStop(cleanup) {
  cleanups.push(cleanup);
  return () => {
    const at = cleanups.indexOf(cleanup);
    if (at >= 0) cleanups.splice(at, 1);
  };
}

/** @type {Promise<void> | undefined} */
let stopping;
/**
 * Undoes everything, in reverse order, once.
 * @returns {Promise<void>}
 */
export function stopAll() {
  stopping ??= (async () => {
    await endCommands();
    while (cleanups.length > 0) {
      try {
        await cleanups.pop()?.();
      } catch (error) {
        console.error(wordsOf(error));
      }
    }
  })();
  return stopping;
}

export const isStopping = () => stopping !== undefined;

const hurrying = new AbortController();
/** Aborted when whoever stops us has lost patience: nothing is waited for any longer than it takes to say goodbye. */
export const hurry = hurrying.signal;
// Whatever is being ended listens, one listener each.
setMaxListeners(0, hurry);

let isServing = false;
/** From now on something is supervised: a defect of the launcher's own is no reason to take that down. */
export const nowServing = () => {
  isServing = true;
};

/**
 * A closed terminal or pipe, or a full disk under a log, takes our words away, not the server. A defect stops a start in
 * order; later it is said, and what is supervised goes on being supervised.
 */
function survive() {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.on("uncaughtException", (error) => {
    console.error(error);
    if (!isStopping() && !isServing) stopAll().then(() => process.exit(1));
  });
}

/**
 * Ctrl-C, SIGTERM and SIGHUP stop everything in order and end with `code`, or with the signal's own number when that is null.
 * A second Ctrl-C hurries what is being waited for, a third one forces, by `force`.
 * @param {{ force?: () => void, say?: (signal: NodeJS.Signals) => void, code?: number | null }} [options]
 */
export function stopOnSignals({ force = () => {}, say = () => {}, code = 0 } = {}) {
  survive();
  let last = 0;
  const numbers = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(name, () => {
      if (isStopping()) {
        // npm passes a Ctrl-C on that the terminal has already sent: one key press arrives twice.
        if (name !== "SIGINT" || Date.now() - last < 500) return;
        last = Date.now();
        if (!hurry.aborted) return hurrying.abort();
        force();
        process.exit(130);
      }
      last = Date.now();
      say(name);
      stopAll().then(() => process.exit(code ?? numbers[name]));
    });
}
