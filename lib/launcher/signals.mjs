// @ts-check
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

/** A closed terminal or pipe takes our words away, not the server; a defect stops everything in order as well. */
function survive() {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.on("uncaughtException", (error) => {
    console.error(error);
    if (!isStopping()) stopAll().then(() => process.exit(1));
  });
}

/**
 * Ctrl-C, SIGTERM and SIGHUP stop everything in order and end with `code`, or with the signal's own number when that is null;
 * a second Ctrl-C forces, by `force`.
 * @param {{ force?: () => void, say?: (signal: NodeJS.Signals) => void, code?: number | null }} [options]
 */
export function stopOnSignals({ force = () => {}, say = () => {}, code = 0 } = {}) {
  survive();
  let first = 0;
  const numbers = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(name, () => {
      if (isStopping()) {
        // npm passes a Ctrl-C on that the terminal has already sent: one key press arrives twice.
        if (name !== "SIGINT" || Date.now() - first < 500) return;
        force();
        process.exit(130);
      }
      first = Date.now();
      say(name);
      stopAll().then(() => process.exit(code ?? numbers[name]));
    });
}
