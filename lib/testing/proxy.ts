import net from "node:net";

/** Where a proxy listens or leads to: TCP, or a unix socket. */
export type Place = { host: string; port: number } | { path: string };

/** A stretch of network of a test's own, which can be made to fail in the ways in which networks do. */
export type Stretch = {
  /** Where it listens; stays the same for its life. */
  readonly place: Place;
  /** Connections that are open on the side of the callers. */
  readonly open: number;
  /** Nobody listens: what is open is reset, new callers are refused (a unix socket is not there). */
  refuse(): Promise<void>;
  /** Nothing passes either way and nobody is told: no byte, no end. New callers are connected and hear nothing. */
  blackhole(): void;
  /** Everything passes `ms` milliseconds later than it came. */
  delay(ms: number): void;
  /**
   * Everything passes again. What was held back arrives now, as it does after a cut that TCP survives; with `isReset` its
   * connections are reset instead, as by a machine that came back without knowing them.
   */
  heal(options?: { isReset?: boolean }): Promise<void>;
  close(): Promise<void>;
};

type Mode = { kind: "open" } | { kind: "delay"; ms: number } | { kind: "hold"; over: Promise<void> };

/** Leads from `from` (a free port of loopback, if nothing is said) to `to`. Resolves when it listens. */
export async function startProxy(to: Place, from: Place = { host: "127.0.0.1", port: 0 }): Promise<Stretch> {
  const pairs = new Set<net.Socket[]>();
  let mode: Mode = { kind: "open" };
  let release = () => {};
  let place = from;

  /** Waits until the next bytes, or an end, may pass. */
  const passage = async () => {
    if (mode.kind === "delay")
      await new Promise((resolve) => setTimeout(resolve, (mode as { ms: number }).ms));
    while (mode.kind === "hold") await mode.over;
  };
  const serve = async (caller: net.Socket) => {
    const pair = [caller];
    pairs.add(pair);
    caller.on("error", () => {});
    await passage();
    const target = net.connect({ ...to, allowHalfOpen: true }).setNoDelay(true);
    pair.push(target);
    await Promise.all([pump(caller, target, passage), pump(target, caller, passage)]);
    pairs.delete(pair);
  };
  const listen = async () => {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (caller) => void serve(caller));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(place, resolve));
    const address = server.address();
    if (address && typeof address === "object") place = { host: address.address, port: address.port };
    return server;
  };
  let server: net.Server | null = await listen();
  const reset = () => {
    for (const pair of pairs) for (const socket of pair) cut(socket);
    pairs.clear();
  };
  const pass = (next: Mode) => {
    mode = next;
    release();
  };
  const stop = async () => {
    const old = server;
    server = null;
    const closed = old && new Promise<void>((resolve) => old.close(() => resolve()));
    reset();
    pass({ kind: "open" });
    await closed;
  };
  return {
    get place() {
      return place;
    },
    get open() {
      return pairs.size;
    },
    refuse: stop,
    blackhole() {
      if (mode.kind === "hold") return;
      mode = {
        kind: "hold",
        over: new Promise((resolve) => {
          release = resolve;
        }),
      };
    },
    delay: (ms) => pass({ kind: "delay", ms }),
    async heal({ isReset = false } = {}) {
      if (isReset) reset();
      pass({ kind: "open" });
      server ??= await listen();
    },
    close: stop,
  };
}

/** One direction: bytes as they come, then the end, each when it may pass. */
async function pump(from: net.Socket, to: net.Socket, passage: () => Promise<void>): Promise<void> {
  to.on("error", () => {});
  try {
    // The other direction may still have to be written to it when this one has ended.
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      await passage();
      await new Promise<void>((resolve, reject) =>
        to.write(chunk, (error) => (error ? reject(error) : resolve())),
      );
    }
    await passage();
    to.end();
  } catch {
    await passage();
    cut(from);
    cut(to);
  }
}

/** A unix socket knows no reset. */
function cut(socket: net.Socket): void {
  if (socket.destroyed) return;
  if (socket.remoteAddress) socket.resetAndDestroy();
  else socket.destroy();
}
