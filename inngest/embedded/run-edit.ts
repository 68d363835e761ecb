import { matchPath, valueAt } from "./expressions";
import { asFailure, completeEvent, type EngineEvent, type Op } from "./protocol";
import { type KnownStep, type LockedRun, type RunRow, stepKey, triggerOf } from "./state";
import { durationMs } from "./time";

type StepWrite = {
  id: string;
  op: string;
  name: string | null;
  race: boolean;
  done: boolean;
  state: unknown;
};
type TimerWrite = { id: string; kind: "sleep" | "timeout" | "invoke"; step: string; delay: number };
type WaitWrite = {
  id: string;
  event: string;
  expr: string | null;
  path: string | null;
  value: string | null;
};
/** Another function to start; its end resumes `invoke`. */
export type Start = { fn: string; event: EngineEvent; invoke: string };
export type Outcome = {
  status: "completed" | "failed" | "cancelled";
  output: unknown;
  error: Record<string, unknown> | null;
};

/**
 * What one answer of the SDK, or one thing a run waited for, changes about a run. Pure: it collects rows; `toJson` is
 * what the database function `save` writes.
 */
export class RunEdit {
  readonly run: RunRow;
  readonly starts: Start[] = [];
  outcome: Outcome | null = null;
  readonly #known: Map<string, KnownStep>;
  readonly #steps = new Map<string, StepWrite>();
  readonly #queue = new Map<string, { id: string; step: string }>();
  readonly #timers: TimerWrite[] = [];
  readonly #waits: WaitWrite[] = [];
  readonly #clear: string[] = [];

  constructor(locked: LockedRun) {
    const { steps, ...run } = locked;
    this.run = { ...run, stack: [...run.stack] };
    this.#known = new Map(Object.entries(steps));
  }

  /** Applies the ops of one answer. */
  apply(ops: Op[], version: number): void {
    if (this.run.version === -1) this.run.version = version;
    let progressed = false;
    let race = false;
    // A waiting step must be in place before an invoked function or a sent event could answer it.
    const ordered = [...ops].sort(
      (a, b) => Number(b.op === "WaitForEvent") - Number(a.op === "WaitForEvent"),
    );
    for (const op of ordered) {
      race ||= op.opts?.parallelMode === "race";
      if (op.op === "RunComplete") {
        this.finish({ status: "completed", output: op.data ?? null, error: null });
        return;
      }
      if (op.op === "DiscoveryRequest" || op.op === "None") progressed = true;
      else if (op.op === "StepRun" || op.op === "StepError" || op.op === "StepFailed")
        progressed = this.#settle(op) || progressed;
      else progressed = this.#plan(op) || progressed;
    }
    if (ops.length > 1) this.run.planned = true;
    if (progressed) this.#discover(race);
  }

  /** Saves finished steps without asking for another look: the call will be repeated. */
  keepFinished(ops: Op[]): void {
    for (const op of ops) if (op.op === "StepRun") this.#settle(op);
  }

  /** A sleep ended, an event arrived, an invoked function finished. False when nobody waits for it any more. */
  resume(stepId: string, state: unknown): boolean {
    const step = this.#known.get(stepId);
    if (!step || step.done) return false;
    this.#write({ id: stepId, op: step.op, name: null, race: step.race, done: true, state });
    this.#clear.push(stepKey(this.run.id, stepId));
    this.#discover(step.race);
    return true;
  }

  finish(outcome: Outcome): void {
    this.outcome = outcome;
    this.run.status = outcome.status;
  }

  toJson(): Record<string, unknown> {
    const { id, status, stack, planned, version } = this.run;
    return {
      id,
      status,
      stack,
      planned,
      version,
      output: this.outcome?.output ?? null,
      error: this.outcome?.error ?? null,
      steps: [...this.#steps.values()],
      queue: [...this.#queue.values()],
      timers: this.#timers,
      waits: this.#waits,
      clear: this.#clear,
    };
  }

  #settle(op: Op): boolean {
    const state = op.op === "StepRun" ? { data: op.data ?? null } : { error: asFailure(op.error) };
    if (!this.#known.get(op.id)?.done) {
      this.#write({
        id: op.id,
        op: op.op,
        name: nameOf(op),
        race: op.opts?.parallelMode === "race",
        done: true,
        state,
      });
    }
    return true;
  }

  #plan(op: Op): boolean {
    const known = this.#known.get(op.id);
    // Planned before: nothing to do. Finished before: the SDK had an old view and must look again.
    if (known) return known.done;
    const race = op.opts?.parallelMode === "race";
    this.#write({ id: op.id, op: op.op, name: nameOf(op), race, done: false, state: null });
    const key = stepKey(this.run.id, op.id);
    if (op.op === "StepPlanned") this.#queue.set(key, { id: key, step: op.id });
    else if (op.op === "Sleep") this.#timer("sleep", op.id, op.opts?.duration ?? op.name ?? "0s");
    else if (op.op === "WaitForEvent") this.#waitForEvent(op, key);
    else if (op.op === "InvokeFunction") this.#invoke(op, key);
    return false;
  }

  #waitForEvent(op: Op, key: string): void {
    const expr = op.opts?.if ?? null;
    const path = matchPath(expr);
    const value = path ? valueAt(triggerOf(this.run), path) : null;
    this.#waits.push({ id: key, event: op.opts?.event ?? op.name ?? "", expr, path, value });
    if (op.opts?.timeout) this.#timer("timeout", op.id, op.opts.timeout);
  }

  #invoke(op: Op, key: string): void {
    const event = completeEvent({ name: "inngest/function.invoked", data: op.opts?.payload?.data ?? {} });
    this.starts.push({ fn: op.opts?.function_id ?? "", event, invoke: key });
    if (op.opts?.timeout) this.#timer("invoke", op.id, op.opts.timeout);
  }

  #timer(kind: TimerWrite["kind"], step: string, duration: string): void {
    this.#timers.push({ id: stepKey(this.run.id, step), kind, step, delay: durationMs(duration) });
  }

  /** Looks at the function again once nothing is pending; in race mode and protocol 1 after every step. */
  #discover(race: boolean): void {
    const pending = [...this.#known.values()].some((step) => !step.done);
    if (pending && !race && this.run.version >= 2) return;
    if (!pending && this.run.version >= 2) this.run.planned = false;
    const id = stepKey(this.run.id, `d${this.run.stack.length}`);
    this.#queue.set(id, { id, step: "step" });
  }

  #write(step: StepWrite): void {
    this.#steps.set(step.id, step);
    this.#known.set(step.id, { op: step.op, race: step.race, done: step.done });
    if (step.done) this.run.stack.push(step.id);
  }
}

const nameOf = (op: Op): string | null => op.displayName ?? op.name ?? null;
