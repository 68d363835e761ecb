import type { AnswerPart, Ask } from "@/lib/runner/contract";
import type { AnswerSink, Asking } from "@/lib/runner/egress/door";

/** How long a job waits for whoever follows its step to answer, or to go on with an answer. */
const patienceMs = 60_000;

type Open = { ask: Ask; sink: AnswerSink; next: number; timer: NodeJS.Timeout };

/** What came of a part: taken, of an answer that somebody else gives or gave, or of a question that nobody asks any more. */
export type Taken = "taken" | "not yours" | "gone";

/**
 * What a step's job asks and whoever follows the step answers. An open question is told to each new follower, for the one
 * before may have gone; the first to answer it does.
 */
export class StepAsks implements Asking {
  readonly #open = new Map<string, Open>();

  constructor(readonly tell: (ask: Ask) => void) {}

  /** Those that nobody has begun to answer. */
  get unanswered(): Ask[] {
    return [...this.#open.values()].filter(({ next }) => next === 0).map(({ ask }) => ask);
  }

  ask(ask: Ask, sink: AnswerSink): void {
    this.#open.set(ask.id, { ask, sink, next: 0, timer: this.#patience(ask.id) });
    this.tell(ask);
  }

  withdraw(id: string): void {
    clearTimeout(this.#open.get(id)?.timer);
    this.#open.delete(id);
  }

  /** Hands a part of an answer to the job; settles when it has taken it. */
  async answer({ askId, seq, isLast, head }: AnswerPart, bytes: Uint8Array): Promise<Taken> {
    const open = this.#open.get(askId);
    if (!open) return "gone";
    if (seq !== open.next || (seq === 0 && !head)) return "not yours";
    open.next += 1;
    clearTimeout(open.timer);
    if (head) open.sink.head(head.status, head.headers);
    try {
      await open.sink.write(bytes);
    } catch {
      this.withdraw(askId);
      return "gone";
    }
    if (isLast) {
      this.withdraw(askId);
      open.sink.end();
    } else if (this.#open.has(askId)) open.timer = this.#patience(askId);
    return "taken";
  }

  /** The step is over. */
  close(): void {
    for (const id of [...this.#open.keys()]) this.#fail(id);
  }

  #patience(id: string): NodeJS.Timeout {
    return setTimeout(() => this.#fail(id), patienceMs).unref();
  }

  #fail(id: string): void {
    const open = this.#open.get(id);
    this.withdraw(id);
    open?.sink.fail();
  }
}
