import { endCommands } from "./progress.mjs";

const cleanups = [];

/** Adds something to undo when the launcher stops; the last one added is undone first. Returns a way to withdraw it. */
export function onStop(cleanup) {
  cleanups.push(cleanup);
  return () => {
    const at = cleanups.indexOf(cleanup);
    if (at >= 0) cleanups.splice(at, 1);
  };
}

let stopping;
/** Undoes everything, in reverse order, once. */
export function stopAll() {
  stopping ??= (async () => {
    await endCommands();
    while (cleanups.length > 0) {
      try {
        await cleanups.pop()?.();
      } catch (error) {
        console.error(error.message);
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
 * Ctrl-C, SIGTERM and SIGHUP stop everything in order and end with `code`; a second Ctrl-C forces, by `force`.
 */
export function stopOnSignals({ force = () => {}, say = () => {}, code = 0 } = {}) {
  survive();
  let first = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(name, () => {
      if (isStopping()) {
        // npm passes a Ctrl-C on that the terminal has already sent: one key press arrives twice.
        if (name !== "SIGINT" || Date.now() - first < 500) return;
        force();
        process.exit(130);
      }
      first = Date.now();
      say(name);
      const numbers = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
      stopAll().then(() => process.exit(code ?? numbers[name]));
    });
}
