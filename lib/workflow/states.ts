import {
  type FinalRunState,
  type MessageState,
  messageStates,
  type RunState,
  runStates,
  type StepState,
  stepStates,
} from "@/lib/words";

/** One way between states, from any of `from` to any other of `to`. `null` is where it begins, or that the row is taken away again. */
export type Way<S extends string> = {
  from: readonly (S | null)[];
  to: readonly (S | null)[];
  /** What happened, in a few words. */
  by: string;
  meaning: string;
};

export type Machine<S extends string> = {
  states: readonly S[];
  ways: readonly Way<S>[];
  /** What may be said of a state besides, in a sentence. */
  notes?: Partial<Record<S, string>>;
  /** Words of seed 3 that nothing in this product leads to. */
  unused: readonly S[];
};

/** `runs.state`: one attempt. */
export const runMachine: Machine<RunState> = {
  states: runStates,
  unused: ["rejected"],
  notes: { success: "failed, handled: when a step failed and others followed each failure" },
  ways: [
    {
      from: [null],
      to: ["pending"],
      by: "message, cron or a person",
      meaning: "A trigger matched a message, a cron trigger was due, or a person asked for a run.",
    },
    {
      from: ["pending"],
      to: ["running"],
      by: "first job starts",
      meaning: "Its first step's row was written; whoever wrote it may run the job.",
    },
    {
      from: ["pending"],
      to: ["success"],
      by: "nothing to do",
      meaning: "No edge of the trigger leads on: they are disabled, or their conditions are false.",
    },
    {
      from: ["pending"],
      to: ["crashed"],
      by: "trigger's condition fails",
      meaning: "The expression on an edge that leaves the trigger could not be evaluated.",
    },
    {
      from: ["pending"],
      to: ["cancelled"],
      by: "cancelled while waiting",
      meaning: "A person cancelled it before a job had started. Nothing was done.",
    },
    {
      from: ["pending", "running"],
      to: ["exception"],
      by: "cannot be executed",
      meaning: "Its input was deleted, or a part of Waybill stayed away through every repetition.",
    },
    {
      from: ["running"],
      to: ["success", "failed", "crashed", "killed", "exception"],
      by: "last job ended",
      meaning:
        "No job follows: what aborted the run decides it, else the first branch whose last job failed, else success.",
    },
    {
      from: ["running"],
      to: ["cancelled"],
      by: "cancelled while running",
      meaning: "A person cancelled it: the job that ran was stopped, and none follows.",
    },
    {
      from: ["running"],
      to: ["lost"],
      by: "contact lost",
      meaning:
        "Nobody can say what became of the job: the runner ended, or has been silent too long, and it may have sent something.",
    },
  ],
};

/** `work_orders.state`: that of its last run, never final while one of its runs is not. */
export const workOrderMachine: Machine<RunState> = {
  states: runStates,
  unused: [],
  notes: { success: "failed, handled: when that is said of its last run" },
  ways: [
    {
      from: [null],
      to: ["pending"],
      by: "message, cron or a person",
      meaning: "It is made together with its first run.",
    },
    {
      from: [null],
      to: ["rejected"],
      by: "plan has no run left",
      meaning: "It is kept without a run, because the project has used up the runs of its plan.",
    },
    {
      from: ["rejected"],
      to: ["pending"],
      by: "released",
      meaning:
        "A person released it, or asked for a rerun, and the plan had a run left: that is its first run.",
    },
    {
      from: ["pending"],
      to: ["running"],
      by: "a run starts",
      meaning: "The first job of one of its runs started.",
    },
    {
      from: ["running"],
      to: ["pending"],
      by: "another run waits",
      meaning: "The run that was under way ended, and another one of the same work order waits.",
    },
    {
      from: ["pending"],
      to: ["success", "crashed", "cancelled", "exception"],
      by: "run ends without a job",
      meaning: "Its only unfinished run ended before a job had started, and says why.",
    },
    {
      from: ["running"],
      to: ["success", "failed", "crashed", "cancelled", "killed", "exception", "lost"],
      by: "last run ends",
      meaning: "No run of it is unfinished any more. It has the state of the one that ended last.",
    },
    {
      from: ["success", "failed", "crashed", "cancelled", "killed", "exception", "lost"],
      to: ["pending"],
      by: "run again",
      meaning: "A person asked for another run. This is the only way out of an end.",
    },
    {
      from: ["pending"],
      to: ["success", "failed", "crashed", "cancelled", "killed", "exception", "lost", "rejected"],
      by: "taken back",
      meaning:
        "The bulk act that queued its run was undone before that had started: it stands as it did before.",
    },
  ],
};

/** `steps.exit_reason`: one job's execution in a run. Running while it is null. */
export const stepMachine: Machine<StepState> = {
  states: stepStates,
  unused: [],
  notes: { fail: "failed, handled: from when a step that follows it starts" },
  ways: [
    {
      from: [null],
      to: ["running"],
      by: "row is written",
      meaning: "Before the job is handed to the runner. A second delivery finds the row and runs nothing.",
    },
    {
      from: ["running"],
      to: [null],
      by: "runner was not there",
      meaning:
        "The job never left our hands: the row is taken away, and the run is delivered again. One that was done again keeps its row.",
    },
    {
      from: ["running"],
      to: ["success", "fail", "crash", "kill", "exception"],
      by: "job ended",
      meaning: "The runner said how. Output, error, job state and the run's end are one commit.",
    },
    {
      from: ["running"],
      to: ["cancel"],
      by: "run was cancelled",
      meaning: "A person cancelled the run, and the runner stopped the job.",
    },
    {
      from: ["running"],
      to: ["lost"],
      by: "contact lost",
      meaning:
        "The runner ended with it, or has been silent too long, and it may have sent something. One that had sent nothing is done again first, in the same row.",
    },
  ],
};

/** What the inbox says of a message: the stored word for each of its jobs (lib/workflow/outcome.ts), and two while there is none. */
export const messageMachine: Machine<MessageState> = {
  states: messageStates,
  unused: [],
  ways: [
    {
      from: [null],
      to: ["waiting"],
      by: "a trigger matches",
      meaning: "The message is stored with a work order and a run for each workflow that asked for it.",
    },
    {
      from: [null],
      to: ["unmatched"],
      by: "no trigger matches",
      meaning: "The message is stored, and nothing else.",
    },
    {
      from: ["unmatched"],
      to: ["waiting"],
      by: "processed by hand",
      meaning: "A person chose the workflow or the job to process it with.",
    },
    {
      from: ["waiting"],
      to: ["in_progress"],
      by: "job starts",
      meaning: "The job was started for this message for the first time.",
    },
    {
      from: ["in_progress"],
      to: ["success", "failure", "handled"],
      by: "job ends",
      meaning:
        "No execution is under way any more, and the one that finished last decides; also when the runner was not there for a further one.",
    },
    {
      from: ["in_progress"],
      to: ["waiting"],
      by: "runner was not there",
      meaning: "The job never left our hands: it has no state until the run is delivered again.",
    },
    {
      from: ["failure", "handled"],
      to: ["failure", "handled"],
      by: "a step follows",
      meaning:
        "Another step was started because of the failure; back when the runner was not there for that.",
    },
    {
      from: ["success", "failure", "handled"],
      to: ["in_progress"],
      by: "job starts again",
      meaning: "It runs once more for this message. The previous result stands beside it.",
    },
  ],
};

/** Every change that the table knows, from one state to another; `null` as in `Way`. */
export const changesOf = <S extends string>({ ways }: Machine<S>): [S | null, S | null][] =>
  ways.flatMap((way) =>
    way.from.flatMap((from) =>
      way.to.filter((to) => to !== from).map((to): [S | null, S | null] => [from, to]),
    ),
  );

/** True when nothing leads out of the state. */
const isEnd = <S extends string>({ ways }: Machine<S>, state: S): boolean =>
  !ways.some((way) => way.from.includes(state));

/** True for a state of a run that never changes again. */
export const isFinal = (state: RunState): state is FinalRunState => isEnd(runMachine, state);

/** The states in which a run is not over. */
export const unfinishedRunStates: readonly RunState[] = runStates.filter((state) => !isFinal(state));

/**
 * That a run is not over, as SQL over the column with its state, asked of rows that were found by their ids. It is said
 * the other way round, because PostgreSQL would take "pending or running" for an invitation to read an index of all
 * that waits.
 */
export const isUnfinished = (column: string): string =>
  `${column} not in (${runStates
    .filter(isFinal)
    .map((state) => `'${state}'`)
    .join(", ")})`;
