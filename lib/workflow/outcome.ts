import {
  type ExitReason,
  exitReasons,
  finalRunStates,
  type JobStateResult,
  type JobStateWord,
  type MessageFilterState,
  type RunFilterState,
  type RunSet,
  type RunState,
  runSets,
} from "@/lib/words";
import { reasons } from "./status";

/**
 * Which set each word about an outcome means, once: for rows in memory, for the database's columns and indexes, and for
 * the filters of every list. Whoever counts or filters asks here.
 *
 * A *step failed* when it ended with anything but success. The failure is *handled* when another step of its run was
 * started because of it (openfn-platform §3.4: a failure that is no leaf). By seed 3 a run with only handled failures is
 * a success: of it, too, is said that it failed and was handled.
 */

/** True when a step that ended so failed. */
export const isFailure = (reason: ExitReason): boolean => reasons[reason].jobState === "failure";

/** What is known of a run, or of a work order, which has both from the run that ended last. */
export type RunFacts = { state: RunState; stepFailed: boolean };

/** The run, or work order, succeeded although a step failed. */
export const isHandled = ({ state, stepFailed }: RunFacts): boolean => state === "success" && stepFailed;

const successes = exitReasons.filter((reason) => !isFailure(reason));
const unsuccessful: readonly RunState[] = finalRunStates.filter((state) => state !== "success");
const listed = (states: readonly string[]) => states.map((state) => `'${state}'`).join(", ");

export type RunSetInfo = {
  /** In a filter. */
  label: string;
  meaning: string;
  has(run: RunFacts): boolean;
  /** The same as SQL over columns `state` and `step_failed`: also what their partial indexes are made with. */
  sql(column?: (name: "state" | "step_failed") => string): string;
};

const plain = (name: string) => name;

export const runSetInfo: Record<RunSet, RunSetInfo> = {
  step_failed: {
    label: "A step failed",
    meaning: "One of its own steps ended with anything but success, however the run ended, or goes on.",
    has: ({ stepFailed }) => stepFailed,
    sql: (column = plain) => column("step_failed"),
  },
  handled: {
    label: "Failed, handled",
    meaning:
      "It is a success although a step failed: another step followed each failure, and no branch ended with one.",
    has: isHandled,
    sql: (column = plain) => `${column("step_failed")} and ${column("state")} = 'success'`,
  },
  unsuccessful: {
    label: "Anything not successful",
    meaning:
      "It is over, and not a success: failed, crashed, cancelled, killed, exception, lost or rejected.",
    has: ({ state }) => unsuccessful.includes(state),
    sql: (column = plain) => `${column("state")} in (${listed(unsuccessful)})`,
  },
};

const isRunSet = (word: RunFilterState): word is RunSet => runSets.some((set) => set === word);

/** The set that a word of the activity history's filter names; null for a plain state. */
export const runSetOf = (word: RunFilterState): RunSet | null => (isRunSet(word) ? word : null);

/** Whether a run is in what the word names: a state, or a set of them. */
export const runIsIn = (word: RunFilterState, run: RunFacts): boolean =>
  isRunSet(word) ? runSetInfo[word].has(run) : run.state === word;

/** What is known of a job and a message: executions under way, and how the one that finished last went. */
export type JobFacts = { running: number; exitReason: ExitReason | null; handled: boolean };

/** How a job stands for a message, in the word that is stored (`job_states.result`). */
export function jobStateWord({ running, exitReason, handled }: JobFacts): JobStateWord {
  if (running > 0 || exitReason === null) return "in_progress";
  if (!isFailure(exitReason)) return "success";
  return handled ? "handled" : "failure";
}

/** The same as SQL, of three expressions. */
export const jobStateWordSql = (of: { running: string; exitReason: string; handled: string }): string =>
  `case when ${of.running} > 0 or ${of.exitReason} is null then 'in_progress'
    when ${of.exitReason} in (${listed(successes)}) then 'success'
    when ${of.handled} then 'handled' else 'failure' end`;

/** Seed 1's word for a stored one. */
export const resultOf = (word: JobStateWord): JobStateResult => (word === "handled" ? "failure" : word);

export type MessageSetInfo = {
  label: string;
  meaning: string;
  /** Messages of which a job stands in one of these words. */
  words: readonly JobStateWord[];
  /** And those with a work order that ended unsuccessfully, with or without a job. */
  orWorkOrder: boolean;
};

type JobSet = Exclude<MessageFilterState, "waiting" | "unmatched" | "rejected" | "test">;

/** What the inbox's filter finds by a word about jobs. */
export const messageSetInfo: Record<JobSet, MessageSetInfo> = {
  failure: {
    label: "A job failed",
    meaning: "A job's last finished run did not succeed, handled or not.",
    words: ["failure", "handled"],
    orWorkOrder: false,
  },
  unhandled: {
    label: "Failed, not handled",
    meaning: "A job's last finished run did not succeed, and no step followed it.",
    words: ["failure"],
    orWorkOrder: false,
  },
  handled: {
    label: "Failed, handled",
    meaning: "A job's last finished run did not succeed, and another step followed it.",
    words: ["handled"],
    orWorkOrder: false,
  },
  unsuccessful: {
    label: "Anything not successful",
    meaning: "A job's failure is not handled, or a work order ended without success, with or without a job.",
    words: ["failure"],
    orWorkOrder: true,
  },
  in_progress: {
    label: "In progress",
    meaning: "A job is under way, for the first time or again.",
    words: ["in_progress"],
    orWorkOrder: false,
  },
  success: {
    label: "A job succeeded",
    meaning: "A job's last finished run succeeded.",
    words: ["success"],
    orWorkOrder: false,
  },
};
