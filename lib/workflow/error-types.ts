import type { ExitReason } from "@/lib/words";

export type ErrorTypeInfo = {
  /** What a step with this error ends with. */
  reason: Exclude<ExitReason, "success">;
  meaning: string;
  /** What the person reading it can do. */
  remedy: string;
};

/** Seed 3's types first, then those it does not name. Keys are the words that pages and the API show. */
export const errorTypes = {
  JobError: {
    reason: "fail",
    meaning:
      "The job's code or its adaptor threw an error, for example a request that was answered with 404.",
    remedy: "Read the message and the marked line, correct the job or the data, then rerun this job.",
  },
  AdaptorError: {
    reason: "fail",
    meaning:
      "The adaptor reported an error. Steps of earlier releases have this word where it is JobError now.",
    remedy:
      "Look at what the other system answered. Correct the request or the credential, then rerun this job.",
  },
  TypeError: {
    reason: "fail",
    meaning:
      "The code used something that is not there, like state.data.patient.age when there is no patient.",
    remedy:
      "Compare the input with what the marked line expects, then make the job cope with it or send it complete.",
  },
  RangeError: {
    reason: "fail",
    meaning: "A value is outside of what is allowed, like a list of negative length or endless recursion.",
    remedy: "Check the value on the marked line, then rerun this job.",
  },
  SyntaxError: {
    reason: "crash",
    meaning: "The job's code is not valid JavaScript and cannot be compiled.",
    remedy: "Correct the marked line of the job, save the workflow, then rerun.",
  },
  ReferenceError: {
    reason: "crash",
    meaning: "The code uses a variable or function that was never declared.",
    remedy: "Check the spelling of the name, or choose the adaptor that provides the function.",
  },
  EdgeConditionError: {
    reason: "crash",
    meaning: "The condition of an edge after this step could not be evaluated.",
    remedy: "Correct the edge's expression. It is one JavaScript expression over state.",
  },
  ValidationError: {
    reason: "crash",
    meaning:
      "A top-level statement of the job is not an operation, or the workflow's graph cannot be executed.",
    remedy: "Wrap plain code in fn(state => { …; return state; }), or repair what the message names.",
  },
  SecurityError: {
    reason: "kill",
    meaning: "The code tried something that is not allowed, like eval or new Function.",
    remedy: "Write the job without it.",
  },
  ImportError: {
    reason: "kill",
    meaning: "The code imports a module that is not allowed.",
    remedy: "Use what the job's adaptor exports, or choose another adaptor.",
  },
  OomError: {
    reason: "kill",
    meaning: "The step used more memory than this installation allows.",
    remedy: "Process the data in smaller parts, then rerun this job.",
  },
  TimeoutError: {
    reason: "kill",
    meaning: "The step took longer than this installation allows.",
    remedy: "See in the log what it waited for. Make the job do less at a time, then rerun it.",
  },
  StateTooLargeError: {
    reason: "kill",
    meaning: "The step returned more data than this installation allows.",
    remedy: "Return only what the next step needs.",
  },
  EgressLimitError: {
    reason: "kill",
    meaning: "The step sent and received more over the network than this installation allows.",
    remedy: "Fetch less in one step, for example page by page.",
  },
  LogLimitError: {
    reason: "kill",
    meaning: "The step wrote more log lines than this installation allows.",
    remedy: "Log less, for example a count instead of every record.",
  },
  CredentialLoadError: {
    reason: "exception",
    meaning: "The job's credential could not be loaded.",
    remedy: "Choose a credential for this job, or share the missing one with the project again.",
  },
  DataClipError: {
    reason: "exception",
    meaning: "The step's input could not be loaded.",
    remedy: "Start a new run with a new input.",
  },
  InputError: {
    reason: "crash",
    meaning: "The step's input is not something that a job can start from.",
    remedy: "Start a new run with a JSON object as its input.",
  },
  AdaptorLoadError: {
    reason: "exception",
    meaning: "The adaptor could not be loaded.",
    remedy: "Check the adaptor's name and version, and that this installation can reach the npm registry.",
  },
  RunnerError: {
    reason: "exception",
    meaning: "Something unexpected happened where the step was executed.",
    remedy: "Rerun the job. If it happens again, tell the operator of this installation.",
  },
  Cancelled: {
    reason: "cancel",
    meaning: "A person cancelled the run.",
    remedy: "Check in the other system what was done before the end, then rerun when you want it finished.",
  },
  Lost: {
    reason: "lost",
    meaning: "Contact with the worker was lost while the step was running.",
    remedy: "Check in the other system whether the job had its effect, then rerun it if not.",
  },
} as const satisfies Record<string, ErrorTypeInfo>;

export type ErrorType = keyof typeof errorTypes;

/** Other names of the same, most of them OpenFn's. */
const aliases: Record<string, ErrorType> = {
  RuntimeError: "TypeError",
  RuntimeCrash: "ReferenceError",
  CompileError: "SyntaxError",
  LazyStateError: "SyntaxError",
  InvalidOperationError: "ValidationError",
  InvalidExportsError: "ValidationError",
  OOMError: "OomError",
  AutoinstallError: "AdaptorLoadError",
  AdaptorInstallError: "AdaptorLoadError",
  ExecutionError: "RunnerError",
  CancelledError: "Cancelled",
  ExitError: "Lost",
  LostAfterClaim: "Lost",
  LostAfterStart: "Lost",
  UnknownReason: "Lost",
};

const isErrorType = (type: string): type is ErrorType => Object.hasOwn(errorTypes, type);

/** Returns the seed's word for an error type, given OpenFn's type and subtype; unknown types stay as they are. */
export function shownErrorType(type: string, subtype?: string): string {
  if (subtype !== undefined && isErrorType(subtype)) return subtype;
  return isErrorType(type) ? type : (aliases[type] ?? type);
}

/** Returns what an error type means and what to do, or null for a type of the job's own making. */
export function explainErrorType(type: string): ErrorTypeInfo | null {
  const shown = shownErrorType(type);
  return isErrorType(shown) ? errorTypes[shown] : null;
}
