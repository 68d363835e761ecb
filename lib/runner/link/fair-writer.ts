import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { frame } from "./frames";

type Piece = { kind: number; bytes: Uint8Array };

/** What is handed to the socket at once. */
const turnBytes = 256 * 1024;

/**
 * Frames of many steps on one socket: those of one turn of the event loop in one write, a piece of each step in turn, and
 * no more of them than the other end takes.
 */
export class FairWriter {
  readonly #queues = new Map<number, Piece[]>();
  #isScheduled = false;
  #isEnding = false;

  constructor(readonly socket: Duplex) {}

  send(step: number, kind: number, bytes: Uint8Array): void {
    const queue = this.#queues.get(step);
    if (queue) queue.push({ kind, bytes });
    else this.#queues.set(step, [{ kind, bytes }]);
    this.#schedule();
  }

  /** Ends the socket when everything has left. */
  end(): void {
    this.#isEnding = true;
    this.#schedule();
  }

  /** Whether something of the step waits for the other end to take what was sent before. */
  isStalled(step: number): boolean {
    return this.socket.writableNeedDrain && this.#queues.has(step);
  }

  /** What waits of the step is not sent. */
  drop(step: number): void {
    this.#queues.delete(step);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#write());
  }

  #write(): void {
    this.#isScheduled = false;
    if (this.socket.destroyed) {
      this.#queues.clear();
      return;
    }
    const out: Uint8Array[] = [];
    let size = 0;
    for (const [step, queue] of this.#queues) {
      if (size >= turnBytes) break;
      const piece = queue.shift();
      this.#queues.delete(step);
      // Behind the others: the loop comes to it again in its turn.
      if (queue.length > 0) this.#queues.set(step, queue);
      if (!piece) continue;
      out.push(...frame(step, piece.kind, piece.bytes));
      size += piece.bytes.length;
    }
    const isTaken = out.length === 0 || this.socket.write(Buffer.concat(out));
    if (!isTaken) {
      this.#isScheduled = true;
      this.socket.once("drain", () => this.#write());
    } else if (this.#queues.size > 0) this.#schedule();
    else if (this.#isEnding) this.socket.end();
  }
}
