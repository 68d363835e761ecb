import { chmodSync } from "node:fs";
import net from "node:net";

/** Between two attempts to reach the engine; notices do meanwhile. */
const usualAgainMs = 1_000;
/** On one machine this is no way at all. */
const connectMs = 1_000;

/** What a ring says, one byte each: only requests for runs are new, or anything. */
const words = { runs: "r", all: "a" } as const;
const heard = ".";

const wordOf = (areRuns: boolean) => (areRuns ? words.runs : words.all);

/**
 * Wakes the engine of this machine past the database, over one socket that is kept. A ring carries nothing, and nothing depends on
 * it: a notice follows, which other machines' engines hear, too, and which makes up for a ring that was lost.
 */
export class Bell {
  #socket: net.Socket | null = null;
  #isOpen = false;
  #isRinging = false;
  /** What came while the last ring was not heard yet. */
  #next: boolean | null = null;
  #againAt = 0;

  constructor(
    readonly path: string,
    readonly againMs = usualAgainMs,
  ) {}

  /** Whether it rang. A burst shares the next ring. */
  ring(areRuns: boolean): boolean {
    if (!this.#socket && performance.now() >= this.#againAt) this.#connect();
    if (!this.#isOpen) return false;
    if (this.#isRinging) this.#next = areRuns && (this.#next ?? true);
    else this.#send(areRuns);
    return true;
  }

  close(): void {
    this.#socket?.destroy();
  }

  #send(areRuns: boolean): void {
    this.#isRinging = true;
    this.#socket?.write(wordOf(areRuns));
  }

  #connect(): void {
    const socket = net.connect(this.path);
    socket.setTimeout(connectMs, () => socket.connecting && socket.destroy());
    this.#socket = socket;
    socket.unref();
    socket.on("connect", () => {
      this.#isOpen = true;
    });
    socket.on("data", () => {
      this.#isRinging = false;
      const areRuns = this.#next;
      this.#next = null;
      if (areRuns !== null) this.#send(areRuns);
    });
    socket.on("end", () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#socket = null;
      this.#isOpen = false;
      this.#isRinging = false;
      this.#next = null;
      this.#againAt = performance.now() + this.againMs;
    });
  }
}

/** Hears rings on the unix socket `path`. Resolves to what ends that; throws when nobody can listen there. */
export async function hearBell(path: string, wake: (areRuns: boolean) => void): Promise<() => void> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.unref();
    socket.on("data", (said) => {
      wake(said.every((byte) => byte === words.runs.charCodeAt(0)));
      // What was begun goes first.
      setImmediate(() => socket.write(heard));
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  server.on("error", () => {});
  server.unref();
  // Whoever runs as somebody else here has no business with it.
  chmodSync(path, 0o600);
  return () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
}
