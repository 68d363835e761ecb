import type { ExitReason, FinalRunState, JobStateResult, RunState } from "@/lib/words";

export type Tone = "neutral" | "active" | "good" | "bad" | "warning" | "dark";

/** How a status is shown. `chip` is seed 3's colour; pages add an icon and always the word. */
export type StatusInfo = { word: string; chip: string; tone: Tone; meaning: string };

/** Seed 3's table of run statuses. A work order has the status of its last run. */
export const runStatuses: Record<RunState, StatusInfo> = {
  pending: {
    word: "Pending",
    chip: "⚪",
    tone: "neutral",
    meaning: "The run is waiting for an available worker to begin execution.",
  },
  running: { word: "Running", chip: "🔵", tone: "active", meaning: "The run is still in progress." },
  success: {
    word: "Success",
    chip: "🟢",
    tone: "good",
    meaning: "Every step succeeded, or every error was handled: the final step of each branch succeeded.",
  },
  failed: {
    word: "Failed",
    chip: "🔴",
    tone: "bad",
    meaning: "The final step of a branch failed. The other branches went on.",
  },
  crashed: {
    word: "Crashed",
    chip: "🟠",
    tone: "warning",
    meaning: "A step's code could not be run at all. Nothing after it was executed.",
  },
  cancelled: {
    word: "Cancelled",
    chip: "⚪",
    tone: "neutral",
    meaning: "A person aborted the execution.",
  },
  killed: {
    word: "Killed",
    chip: "🟡",
    tone: "warning",
    meaning: "A step broke a rule or a limit and was stopped. Nothing after it was executed.",
  },
  exception: {
    word: "Exception",
    chip: "⚫",
    tone: "dark",
    meaning: "Something went wrong that is not the job's fault. The operator has been told.",
  },
  lost: {
    word: "Lost",
    chip: "⚫",
    tone: "dark",
    meaning:
      "Contact with the worker was lost, so nobody can say how far the job got. It is never repeated by itself.",
  },
  rejected: {
    word: "Rejected",
    chip: "⚪",
    tone: "neutral",
    meaning: "The request was not run because the project has reached its run limit.",
  },
};

/** Seed 1's three results of a message–job pair. */
export const jobStateStatuses: Record<JobStateResult, StatusInfo> = {
  in_progress: {
    word: "In progress",
    chip: "🔵",
    tone: "active",
    meaning: "No run of this job for this message has finished yet.",
  },
  success: {
    word: "Success",
    chip: "🟢",
    tone: "good",
    meaning: "The last finished run of this job for this message succeeded.",
  },
  failure: {
    word: "Failure",
    chip: "🔴",
    tone: "bad",
    meaning: "The last finished run of this job for this message did not succeed.",
  },
};

/** What one step's end means: for the run if it decides it, for the steps after it, and for the job state. */
export const reasons: Record<
  ExitReason,
  { runState: FinalRunState; aborts: boolean; jobState: "success" | "failure" }
> = {
  success: { runState: "success", aborts: false, jobState: "success" },
  fail: { runState: "failed", aborts: false, jobState: "failure" },
  crash: { runState: "crashed", aborts: true, jobState: "failure" },
  kill: { runState: "killed", aborts: true, jobState: "failure" },
  cancel: { runState: "cancelled", aborts: true, jobState: "failure" },
  exception: { runState: "exception", aborts: true, jobState: "failure" },
  lost: { runState: "lost", aborts: true, jobState: "failure" },
};

/** The run state that a step's exit reason leads to when that step decides the run. */
export const runStateOf = (reason: ExitReason): FinalRunState => reasons[reason].runState;

/** True when nothing after a step with this reason may run, queued branches included. */
export const abortsRun = (reason: ExitReason): boolean => reasons[reason].aborts;

const unfinished: readonly RunState[] = ["pending", "running"];

/** True for a state that never changes again. */
export const isFinal = (state: RunState): state is FinalRunState => !unfinished.includes(state);
