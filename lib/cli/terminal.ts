import { addAbortSignal, type Readable } from "node:stream";
import { CliFailure } from "./failure";
import type { Stream } from "./output";

type Keyboard = Readable & { isTTY?: boolean; setRawMode?(on: boolean): unknown };
type Question = { hidden?: boolean; signal: AbortSignal };

/** Asks whoever sits at the terminal, or reads the answers of a pipe line by line. */
export type Ask = {
  isTerminal: boolean;
  /** One line; null when there is nobody to answer. `hidden` shows nothing of what is typed. */
  line(question: string, options?: { hidden?: boolean }): Promise<string | null>;
  /** Yes or no; no when nobody answers. */
  confirm(question: string): Promise<boolean>;
};

/** What a line may hold: a token, a word. */
const longestAnswer = 10_000;

export function askAt(input: Keyboard, output: Stream, signal: AbortSignal): Ask {
  const isTerminal = input.isTTY === true;
  const lines = new Lines(input);
  const line = async (question: string, { hidden = false } = {}) => {
    output.write(`? ${question} `);
    const answer = await lines.next({ hidden, signal });
    if (!isTerminal || hidden) output.write("\n");
    return answer;
  };
  return {
    isTerminal,
    line,
    async confirm(question) {
      output.write(`? ${question} (y/N) `);
      const answer = await lines.next({ signal });
      const isYes = /^\s*y(es)?\s*$/i.test(answer ?? "");
      // Typed answers stand there already; of a pipe nobody would see what was answered.
      if (!isTerminal) output.write(isYes ? "yes\n" : "no\n");
      return isYes;
    },
  };
}

/** Fifty megabytes: more is no state. */
const longestInput = 50 * 1024 * 1024;

/** Everything that a stream gives, as UTF-8. Throws `CliFailure` for more than fifty megabytes. */
export async function allOf(input: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, input)) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > longestInput) throw new CliFailure("Standard input holds more than 50 MB.", { exitCode: 1 });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Lines of a keyboard or a pipe, of which more may have come than was asked for. */
class Lines {
  readonly #input: Keyboard;
  #rest = "";
  #hasEnded = false;

  constructor(input: Keyboard) {
    this.#input = input;
  }

  /** The next line without its end; what stands before the end of a pipe; null at its end. */
  async next({ hidden = false, signal }: Question): Promise<string | null> {
    const isRaw = hidden && this.#input.isTTY === true;
    if (isRaw) this.#input.setRawMode?.(true);
    try {
      return await this.#read(signal, isRaw);
    } finally {
      if (isRaw) this.#input.setRawMode?.(false);
      this.#input.pause();
    }
  }

  async #read(signal: AbortSignal, isRaw: boolean): Promise<string | null> {
    while (true) {
      signal.throwIfAborted();
      const end = this.#rest.search(/\r?\n|\r/);
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end).replace(/^(\r?\n|\r)/, "");
        return isRaw ? typed(line) : line;
      }
      if (this.#rest.length > longestAnswer) throw new Error("That is too long for an answer.");
      if (this.#hasEnded) {
        const line = this.#rest;
        this.#rest = "";
        return line === "" ? null : line;
      }
      const chunk = await nextChunk(this.#input, signal);
      if (chunk === null || (isRaw && chunk.includes("\u0004"))) this.#hasEnded = true;
      else if (isRaw && chunk.includes("\u0003")) process.kill(process.pid, "SIGINT");
      else this.#rest += chunk;
    }
  }
}

/** What is left of what was typed where the terminal did not take back what was rubbed out. */
function typed(line: string): string {
  const kept: string[] = [];
  for (const sign of line) {
    if (sign === "\u007f" || sign === "\b") kept.pop();
    else kept.push(sign);
  }
  return kept.join("");
}

function nextChunk(input: Readable, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const done = () => {
      input.off("data", onData).off("end", onEnd).off("error", onEnd);
      signal.removeEventListener("abort", onAbort);
    };
    const onData = (chunk: Buffer | string) => {
      done();
      input.pause();
      resolve(chunk.toString());
    };
    const onEnd = () => {
      done();
      resolve(null);
    };
    const onAbort = () => {
      done();
      reject(signal.reason);
    };
    if (input.readableEnded || input.destroyed) return resolve(null);
    signal.addEventListener("abort", onAbort);
    input.on("data", onData).on("end", onEnd).on("error", onEnd);
    input.resume();
  });
}
