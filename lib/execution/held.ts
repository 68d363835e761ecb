import type { SecretState } from "@/lib/state/sealed";

/** A result as it is handed on, and its text as it may be shown where that is another. */
export type HeldState = SecretState & { shown?: string | undefined };

const defaultMaxChars = 256 * 1024 * 1024;

/**
 * Results that are too large to be stored, or that their project does not store, for the next jobs of their runs: in this process alone, until the run ends
 * or too much is held, whichever comes first. The oldest go first.
 */
export class HeldStates {
  readonly #states = new Map<string, { runId: string; state: HeldState }>();
  #chars = 0;

  constructor(readonly maxChars = defaultMaxChars) {}

  /** `id` names the result among all of them. */
  hold(runId: string, id: string, state: HeldState): void {
    this.#drop(id);
    this.#states.set(id, { runId, state });
    this.#chars += state.text.length;
    for (const oldest of this.#states.keys()) {
      if (this.#chars <= this.maxChars) break;
      this.#drop(oldest);
    }
  }

  get(id: string): HeldState | undefined {
    return this.#states.get(id)?.state;
  }

  /** Whether anything is held for the run. */
  has(runId: string): boolean {
    for (const held of this.#states.values()) if (held.runId === runId) return true;
    return false;
  }

  release(runId: string): void {
    for (const [id, held] of this.#states) if (held.runId === runId) this.#drop(id);
  }

  #drop(id: string): void {
    this.#chars -= this.#states.get(id)?.state.text.length ?? 0;
    this.#states.delete(id);
  }
}
