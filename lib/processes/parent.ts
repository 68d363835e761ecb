const graceMs = 5000;

/**
 * Ends this process when the launcher that started it is gone, however it ended: the channel between them closes.
 * `stop` is awaited first, for a few seconds at most. Does nothing in a process that was started by hand.
 */
export function exitWithParent(stop: () => Promise<void> | void = () => {}): void {
  if (!process.channel) return;
  process.once("disconnect", () => {
    setTimeout(() => process.exit(1), graceMs).unref();
    Promise.resolve()
      .then(stop)
      .finally(() => process.exit(0))
      .catch(() => {});
  });
  // Listening for the channel's end must not keep a finished process alive.
  process.channel.unref();
}
