const graceMs = 5000;
const beatMs = 1_000;
const tellEveryMs = 250;
/** Asked at the beginning: the launcher may be gone before anybody listens for that. */
const hasLauncher = process.connected === true;

/** What a process tells the launcher that started it. */
export type ToLauncher =
  | { type: "ready" }
  /** A sign of life, from the main loop: a process that gives none for too long is replaced (lib/launcher/liveness.mjs). */
  | { type: "beat" }
  /** It is being stopped and waits for so many of these to end. */
  | { type: "waiting"; what: "steps" | "requests"; count: number };

/** Tells the launcher. Does nothing in a process that was started by hand, nor when the launcher has gone. */
export function tellLauncher(message: ToLauncher): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** Tells the launcher every second that the main loop turns, for as long as this process runs. */
export function beat(): void {
  if (!hasLauncher) return;
  tellLauncher({ type: "beat" });
  setInterval(() => tellLauncher({ type: "beat" }), beatMs).unref();
}

/** Tells the launcher, from now on, how many of these a stop still waits for. */
export function tellWaiting(what: "steps" | "requests", count: () => number): void {
  let told = 0;
  const tell = () => {
    const now = count();
    if (now !== told) tellLauncher({ type: "waiting", what, count: now });
    told = now;
  };
  tell();
  setInterval(tell, tellEveryMs).unref();
}

/**
 * Ends this process when the launcher that started it is gone, however it ended: the channel between them closes.
 * `stop` is awaited first, for a few seconds at most. Does nothing in a process that was started by hand.
 */
export function exitWithParent(stop: () => Promise<void> | void = () => {}): void {
  if (!hasLauncher) return;
  const end = () => {
    setTimeout(() => process.exit(1), graceMs).unref();
    Promise.resolve()
      .then(stop)
      .finally(() => process.exit(0))
      .catch(() => {});
  };
  if (process.connected) process.once("disconnect", end);
  else end();
  // Listening for the channel's end must not keep a finished process alive.
  process.channel?.unref();
}
