import { announceRuns } from "@/lib/queue/queue";
import { SupersededError } from "@/lib/runner/contract";
import { GoneError } from "@/lib/state/kept";
import { TriggerConditionError } from "@/lib/workflow/trigger-edges";
import { type PlannedStep, planNext } from "@/lib/workflow/walk";
import { changesOf, endAfter, endRun, executeStep, type Outcome, type Paused, toldOf } from "./execute-step";
import type { ExecutionHost } from "./host";
import { type ExecutableRun, type HeldRun, holdRun, type LoadedRun, prepareRun } from "./load-run";
import type { RunEnd } from "./storage";

/** That somebody else has the run, as it is remembered: it is no outcome. */
type Superseded = { isSuperseded: true };
type Remembered = Omit<Outcome, "errorMessage"> | Paused | Superseded;

/**
 * Remembers a result under a name, so that a replay does not do the work again: Inngest's `step.run`. Whoever remembers keeps it
 * for longer than we may keep what a job says, so that is not in it.
 */
export type Remember = (name: string, work: () => Promise<Remembered>) => Promise<Remembered>;

/**
 * Executes a run from its first step to its end. Safe to call again at any point, and by any number of executors: what
 * has ended is found, what runs is followed, and who comes last has the run. Returns how many steps it came to; null when
 * there was nothing to do, somebody else does it, or the run waits for a step's next attempt and is delivered for that.
 * Throws when the delivery is to be repeated. `loaded` is the run when whoever delivers it has just read it, and may have
 * begun it.
 */
export async function executeRun(
  host: ExecutionHost,
  runId: string,
  remember: Remember,
  loaded?: LoadedRun,
): Promise<{ steps: number } | null> {
  await host.executor.ready();
  // Two may have loaded a run that waited. Whoever opened it has it; the other looks once more and takes it over, because
  // its delivery is the later one as far as anybody can know.
  for (const isLastTry of [false, true]) {
    const attempt: Attempt = { host, runId, remember, run: null, loaded: isLastTry ? undefined : loaded };
    try {
      return await execute(attempt);
    } catch (error) {
      if (!(error instanceof SupersededError)) {
        await letGo(attempt);
        throw error;
      }
      if (attempt.run?.isHeld || isLastTry) return null;
    }
  }
  return null;
}

type Attempt = {
  host: ExecutionHost;
  runId: string;
  remember: Remember;
  /** Once it is loaded. When it was held, whoever has it now came later. */
  run: HeldRun | null;
  loaded: LoadedRun | undefined;
};

async function execute(attempt: Attempt): Promise<{ steps: number } | null> {
  const { host, runId } = attempt;
  const run = await host.executor.during(runId, () => load(attempt));
  if (!run) {
    release(host, runId);
    return null;
  }
  const outcomes: Outcome[] = [];
  for (;;) {
    const { next } = planNext(run.graph, run.start, outcomes);
    if (!next) break;
    if (host.isStopping()) return giveBack(host, run);
    const outcome = await outcomeOf(attempt, run, next, outcomes);
    if ("isPaused" in outcome) {
      release(host, runId);
      return null;
    }
    outcomes.push(outcome);
  }
  if (!outcomes.at(-1)?.runEnded) {
    const end = endAfter(run, outcomes);
    if (end) await host.executor.during(runId, () => endRun(host, run, end));
  }
  release(host, runId);
  return { steps: outcomes.length };
}

/** Plays one step up to its end or its pause, or remembers what it came to. Throws `SupersededError`. */
async function outcomeOf(
  attempt: Attempt,
  run: ExecutableRun,
  next: PlannedStep,
  outcomes: Outcome[],
): Promise<Outcome | Paused> {
  const { host } = attempt;
  let isMine = false;
  let played: Outcome | undefined;
  const play = () =>
    host.executor.during(run.id, async () => {
      isMine = true;
      return executeStep(host, run, next, outcomes);
    });
  const remembered = await attempt.remember(nameOf(run, next), async () => {
    const came = await play().catch(asSuperseded);
    if (!("errorMessage" in came)) return came;
    played = came;
    const { errorMessage: _, ...remembered } = came;
    return remembered;
  });
  if ("isPaused" in remembered) return remembered;
  if (!("isSuperseded" in remembered)) return played ?? { ...remembered, errorMessage: saidOf(run, next) };
  if (isMine) throw new SupersededError();
  // Somebody else's, in a delivery of this one's: it says nothing of the step.
  return play();
}

/** What a step that ended in an earlier delivery said, by its row. */
const saidOf = ({ steps }: ExecutableRun, { ordinal }: PlannedStep): string | null =>
  toldOf(steps.find((step) => step.ordinal === ordinal)?.errorMessage);

function asSuperseded(error: unknown): Superseded {
  if (error instanceof SupersededError) return { isSuperseded: true };
  throw error;
}

/** What was remembered of an attempt says nothing of the next one. */
function nameOf({ graph, steps }: ExecutableRun, step: PlannedStep): string {
  const job = graph.jobs.find(({ id }) => id === step.jobId)?.name ?? step.jobId;
  const { attempt = 1 } = steps.find(({ ordinal }) => ordinal === step.ordinal) ?? {};
  return `${step.ordinal} ${job}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
}

async function load(attempt: Attempt): Promise<ExecutableRun | null> {
  const { host, runId, loaded } = attempt;
  const held = await holdRun(host, runId, loaded);
  if (!held) return null;
  const { run, stored } = held;
  attempt.run = run;
  try {
    const prepared = await prepareRun(host, run, stored);
    if (!run.isHeld) host.beginnings.learn(prepared, stored);
    return prepared;
  } catch (error) {
    const end = endOf(error);
    if (!end) throw error;
    await endRun(host, run, end);
    return null;
  }
}

function endOf(error: unknown): RunEnd | null {
  if (error instanceof GoneError)
    return {
      state: "exception",
      errorType: "DataClipError",
      errorMessage: `The input of this run is no longer there. ${error.message}`,
    };
  if (error instanceof TriggerConditionError)
    return { state: "crashed", errorType: error.type, errorMessage: error.message };
  return null;
}

/** The executor is being stopped: somebody else goes on with the next step. */
async function giveBack(host: ExecutionHost, run: ExecutableRun): Promise<null> {
  if (run.begunId) await host.storage.withdrawSteps([{ stepId: run.begunId, epoch: run.epoch }]);
  const handed = await host.storage.handBack([run.id], run.isHeld ? host.executor.id : null, true);
  announceRuns(host.announce, handed);
  host.announce(changesOf(run));
  release(host, run.id);
  return null;
}

/** It failed, and will be delivered again. Should that never happen, nobody waits for an executor that lives. */
async function letGo({ host, runId, run }: Attempt): Promise<void> {
  host.executor.drop(runId);
  if (run?.isHeld) await host.storage.letGo(runId, run.epoch).catch(() => {});
}

/** Nothing more is done for the run here, unless by another delivery in this process. */
function release(host: ExecutionHost, runId: string): void {
  host.executor.drop(runId);
  if (!host.executor.hasInHand(runId)) host.held.release(runId);
}
