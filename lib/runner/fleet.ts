import type { Runner, StepRunner } from "./contract";

/** One start of one runner. A step is addressed to the life that it was given to, whatever answers there later. */
export type Life = { id: string; name: string; runner: StepRunner };

/** All runners that an executor may use. */
export type Runners = {
  /**
   * Who takes the next step of a project: the least loaded that answers and is not draining, and among equals the one
   * whose workers the project has warmed. Throws `NotStartedError` when none does.
   */
  pick(projectId: string): Promise<Life>;
  /** The life that takes every next step, whatever its project, as there is no other; null when one is to be picked. */
  only(): string | null;
  /**
   * The life that a step was given to. When that one is gone, the next at its address answers for it; when nobody
   * does, or when nobody remembers the life, following says `gone`.
   */
  of(life: string): StepRunner;
  /** For what is no step of a run: conditions, adaptors, dry runs. Whoever answers, chosen at each call. */
  any(): Runner;
};
