/** Web APIs only: the edge inbox uses it. */

/** The text that UTF-8 bytes stand for; undefined when they are none. A byte order mark is left out. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

type Bytes = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** A stream that is read in parts, and never further than `limit` bytes. */
export class Incoming {
  readonly #chunks: Uint8Array[] = [];
  readonly #limit: number;
  readonly #iterator: AsyncIterator<Uint8Array>;
  #size = 0;

  constructor(stream: Bytes, limit: number) {
    this.#limit = limit;
    this.#iterator = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  /** Reads on until `upTo` bytes are there. Resolves to "all" at the end, "tooMuch" beyond the limit, else "more". */
  async read(upTo: number): Promise<"all" | "more" | "tooMuch"> {
    while (this.#size <= upTo) {
      const { done, value } = await this.#iterator.next();
      if (done) return "all";
      this.#size += value.length;
      this.#chunks.push(value);
      if (this.#size > this.#limit) {
        await this.stop();
        return "tooMuch";
      }
    }
    return "more";
  }

  /** Reads no further: whoever sends is told by what the stream makes of it. */
  async stop(): Promise<void> {
    this.#chunks.length = 0;
    await this.#iterator.return?.();
  }

  /** What was read. */
  bytes(): Uint8Array {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only ? only : concatenated(this.#chunks, this.#size);
  }
}

/** All bytes of a stream, or undefined as soon as there are more than `limit`. Reading stops there. */
export async function collect(stream: Bytes, limit: number): Promise<Uint8Array | undefined> {
  const incoming = new Incoming(stream, limit);
  return (await incoming.read(limit)) === "all" ? incoming.bytes() : undefined;
}

/** The chunks one after the other; `size` is their length together. */
export function concatenated(chunks: Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
