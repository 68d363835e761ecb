import type { ExitReason, FinalRunState, JobStateWord, MessageState, RunState, StepState } from "@/lib/words";

export type Tone = "neutral" | "active" | "good" | "bad" | "warning" | "dark";

/** How a status is shown. `chip` is seed 3's colour; pages add an icon and always the word. */
export type StatusInfo = {
  word: string;
  chip: string;
  tone: Tone;
  meaning: string;
  /** What the person reading it can do. */
  remedy: string;
};

/** Seed 3's table of run statuses. A work order has the status of its last run. */
export const runStatuses: Record<RunState, StatusInfo> = {
  pending: {
    word: "Pending",
    chip: "⚪",
    tone: "neutral",
    meaning: "The run is waiting for an available worker to begin execution.",
    remedy: "Wait, or cancel it. If it waits long, /api/health says whether engine and runner work.",
  },
  running: {
    word: "Running",
    chip: "🔵",
    tone: "active",
    meaning: "The run is still in progress.",
    remedy: "Wait, or cancel it: the job that runs is stopped within a moment.",
  },
  success: {
    word: "Success",
    chip: "🟢",
    tone: "good",
    meaning: "Every step succeeded, or every error was handled: the final step of each branch succeeded.",
    remedy: "Nothing.",
  },
  failed: {
    word: "Failed",
    chip: "🔴",
    tone: "bad",
    meaning: "The final step of a branch failed. The other branches went on.",
    remedy: "Open the failed step, correct the job or the data, then rerun from that step.",
  },
  crashed: {
    word: "Crashed",
    chip: "🟠",
    tone: "warning",
    meaning: "A step's code could not be run at all. Nothing after it was executed.",
    remedy: "Correct the line that the step's error names, save the workflow, then rerun.",
  },
  cancelled: {
    word: "Cancelled",
    chip: "⚪",
    tone: "neutral",
    meaning: "A person aborted the execution.",
    remedy: "Check in the other system what was done before the end, then rerun when you want it finished.",
  },
  killed: {
    word: "Killed",
    chip: "🟡",
    tone: "warning",
    meaning: "A step broke a rule or a limit and was stopped. Nothing after it was executed.",
    remedy: "The step's error names the rule or the limit. Make the job keep to it, then rerun.",
  },
  exception: {
    word: "Exception",
    chip: "⚫",
    tone: "dark",
    meaning: "An error occurred that nobody expected and that is not the job's fault.",
    remedy: "If the error names a credential or an adaptor, repair that. Else tell the operator. Then rerun.",
  },
  lost: {
    word: "Lost",
    chip: "⚫",
    tone: "dark",
    meaning:
      "Contact with the worker was lost, so nobody can say how far the job got. It is repeated by itself only while it has surely done nothing.",
    remedy: "Check in the other system whether the job had its effect, then rerun it if not.",
  },
  rejected: {
    word: "Rejected",
    chip: "⚪",
    tone: "neutral",
    meaning:
      "The work order was kept without a run, because the project had reached the run limit of its plan. Nothing was done.",
    remedy:
      "Release it from the receipt or the activity history once the plan has runs left: the Usage page says when. Whoever runs this server sets the plan.",
  },
};

/** Seed 1's three results of a message–job pair, and the failure that another step followed. */
export const jobStateStatuses: Record<JobStateWord, StatusInfo> = {
  in_progress: {
    word: "In progress",
    chip: "🔵",
    tone: "active",
    meaning: "The job is under way for this message. What its last finished run came to stands beside it.",
    remedy: "Wait, or open the run and cancel it.",
  },
  success: {
    word: "Success",
    chip: "🟢",
    tone: "good",
    meaning: "The last finished run of this job for this message succeeded.",
    remedy: "Nothing.",
  },
  failure: {
    word: "Failure",
    chip: "🔴",
    tone: "bad",
    meaning: "The last finished run of this job for this message did not succeed.",
    remedy: "Open the receipt: it shows the step, its error and the line. Repair it, then rerun this job.",
  },
  handled: {
    word: "Failed, handled",
    chip: "🟢",
    tone: "good",
    meaning: "It failed, and another step of its run was started because of that.",
    remedy: "Nothing, if what followed makes up for it. Else repair the job, then rerun it.",
  },
};

/** The states of the inbox: a job's, and two for a message without any. */
export const messageStatuses: Record<MessageState, StatusInfo> = {
  ...jobStateStatuses,
  waiting: {
    word: "Waiting",
    chip: "⚪",
    tone: "neutral",
    meaning: "A workflow asked for this message, and none of its jobs has started yet.",
    remedy: "Wait. If its run ended without a job, the chip has the run's state instead.",
  },
  unmatched: {
    word: "Unmatched",
    chip: "⚪",
    tone: "neutral",
    meaning: "The message is kept, but no trigger asked for it.",
    remedy:
      "Its receipt says which condition of which trigger failed. Change that filter and send it again, or process it by hand there.",
  },
};

/** How a step stands. OpenFn's words for what they decide about the run: `reasons` below. */
export const stepStatuses: Record<StepState, StatusInfo> = {
  running: {
    ...runStatuses.running,
    meaning: "The job was handed to the runner and has not ended.",
  },
  success: { ...runStatuses.success, meaning: "The job ran to its end." },
  fail: {
    ...runStatuses.failed,
    word: "Fail",
    meaning: "The job's code or its adaptor threw an error. Edges that follow a failure are taken.",
    remedy: "Read the message and the marked line, correct the job or the data, then rerun from here.",
  },
  crash: { ...runStatuses.crashed, word: "Crash", meaning: "The job's code could not be run. The run ends." },
  kill: {
    ...runStatuses.killed,
    word: "Kill",
    meaning: "The job broke a rule or a limit and was stopped. The run ends.",
  },
  cancel: {
    ...runStatuses.cancelled,
    word: "Cancel",
    meaning: "A person cancelled the run while the job ran.",
  },
  exception: {
    ...runStatuses.exception,
    meaning:
      "Something that the job needs was not there, like its credential, adaptor or input. The run ends.",
  },
  lost: runStatuses.lost,
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
