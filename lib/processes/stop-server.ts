import type { Server } from "node:http";
import { database } from "@/db/client";
import { env } from "@/lib/env";
import { within } from "@/lib/in-time";
import { notifier } from "@/lib/live/shared";
import { drainsOf } from "@/lib/settings/drain.mjs";
import { drainable } from "./drain-server";
import { exitWithParent, tellLauncher } from "./parent";
import { beginStopping, sayLastWords } from "./stopping";

/** A database that stands still must not hold us. */
const farewellMs = 2_000;

export type StopOptions = {
  /** Ends what would never end by itself: event streams. */
  endStreams?: () => void;
  /** Called once the last request is over. */
  after?: () => void;
};

/**
 * Ends this process in order when it is told to, or when the launcher is gone: requests under way are answered, for
 * WEB_DRAIN_MS at most, streams end, what was announced is told, the pool closes. Told a second time, it waits for nobody.
 */
export function stopInOrder(
  server: Server,
  { endStreams = () => {}, after = () => {} }: StopOptions = {},
): void {
  const drained = drainable(server);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    beginStopping();
    await drained.drain({
      drainMs: drainsOf(env()).web,
      endStreams,
      onOpen: (count) => tellLauncher({ type: "waiting", what: "requests", count }),
    });
    after();
    const farewell = async () => {
      await sayLastWords();
      await notifier().settle();
      await database().close();
    };
    await within(farewell(), farewellMs);
    process.exit(0);
  };
  const begin = () => {
    stopped ??= stop();
    return stopped;
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (stopped) drained.hurry();
      else void begin();
    });
  exitWithParent(begin);
}
