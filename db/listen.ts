import { inTime } from "@/lib/in-time";
import { listenMs } from "./deadline";

/** The parts of both drivers' clients that hearing notices needs. */
export type Channel = {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<unknown>;
  on(event: "notification", hear: (notice: { channel: string; payload?: string }) => void): unknown;
  on(event: "error" | "end", hear: () => void): unknown;
  connection?: { stream?: { destroy(): void } };
};

/** Milliseconds; the product's own are in ./deadline.ts. */
type Waits = { every: number; answer: number; retry: number };

/**
 * Hears notices on `channels`, over one connection at a time, for ever: it is asked for a sign of life, and replaced when
 * it gives none, because one that is cut off hears nothing and says nothing. `onReady` is called for every connection, since
 * what was said before it was not heard. Resolves after the first attempt to the function that stops it.
 */
export async function listenFor(
  open: () => Channel,
  channels: string[],
  onNotify: (channel: string, payload: string) => void,
  onReady: (() => void) | undefined,
  waits: Waits = listenMs,
): Promise<() => Promise<void>> {
  let isStopped = false;
  let current: Channel | undefined;
  let timer: NodeJS.Timeout | undefined;

  const begin = async (): Promise<void> => {
    const mine = open();
    current = mine;
    const again = () => {
      if (isStopped || current !== mine) return;
      current = undefined;
      clearTimeout(timer);
      throwAway(mine);
      timer = setTimeout(() => void begin(), waits.retry);
    };
    const check = async () => {
      try {
        await inTime(mine.query("select 1"), waits.answer);
      } catch {
        return again();
      }
      if (current === mine && !isStopped) timer = setTimeout(() => void check(), waits.every);
    };
    mine.on("error", again);
    mine.on("end", again);
    mine.on("notification", ({ channel, payload }) => onNotify(channel, payload ?? ""));
    try {
      await inTime(mine.connect(), waits.answer);
      for (const channel of channels) await inTime(mine.query(`listen ${channel}`), waits.answer);
    } catch {
      return again();
    }
    if (isStopped || current !== mine) return;
    onReady?.();
    timer = setTimeout(() => void check(), waits.every);
  };

  await begin();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    const last = current;
    current = undefined;
    if (!last) return;
    await inTime(last.end(), waits.retry).catch(() => {});
    throwAway(last);
  };
}

function throwAway(channel: Channel): void {
  channel.on("error", () => {});
  channel.end().catch(() => {});
  channel.connection?.stream?.destroy();
}
