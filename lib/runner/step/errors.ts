import type { StepError } from "@/lib/runner/contract";
import type { KillCause, WorkerEnd } from "@/lib/runner/pool/worker-end";
import type { DescribedError } from "@/lib/runner/protocol/messages";
import type { ExitReason } from "@/lib/words";
import { explainErrorType } from "@/lib/workflow/error-types";

export type Failure = { reason: Exclude<ExitReason, "success">; error: StepError };

/** How a step ends by the type of its error: the status-code table of the product. Anything else in a job is a fail. */
export const reasonOf = (type: string): Failure["reason"] => explainErrorType(type)?.reason ?? "fail";

export const failure = (error: StepError): Failure => ({ reason: reasonOf(error.type), error });

const hints: Record<string, string> = {
  SecurityError:
    "Jobs cannot make code from text: use plain functions instead of eval, Function or _.template.",
  ImportError: "A job can import only the adaptor of its step.",
  OomError: "Process the data in smaller parts, or ask for a higher memory limit.",
  TimeoutError: "Do less in one step, or raise the project's step timeout.",
  StateTooLargeError: "Keep only what the next steps need in the state, e.g. delete state.references.",
  EgressLimitError: "Fetch less in one step, e.g. page by page.",
  LogLimitError: "Write fewer log lines.",
};

/** What the compiler knew about the job: where its operations are and how to find a place in the source. */
export type JobMap = {
  source: string;
  operations: { label: string; line: number; column: number }[];
  locate(position: { line: number; column: number }): { line: number; column: number } | null;
};

export const jobMap = (source: string, job: Omit<JobMap, "source">): JobMap => ({
  source,
  operations: job.operations,
  locate: (position) => job.locate(position),
});

const jobFrame = /\bjob\.js:(\d+):(\d+)/;
const adaptorFrame = /@openfn\/|\bdep\//;

const framesOf = (stack: string): string[] => stack.split("\n").filter((line) => /^\s*at /.test(line));

/**
 * An error of the adaptor: it was thrown while operations ran, and neither by the job's code nor by something the job's
 * code called directly. Sockets and timers below an adaptor leave frames of neither.
 */
function isFromAdaptor({ stack, phase }: DescribedError): boolean {
  const frames = framesOf(stack);
  const first = frames.find((frame) => jobFrame.test(frame) || adaptorFrame.test(frame)) ?? frames[0];
  return phase === "operations" && first !== undefined && !jobFrame.test(first);
}

const namedTypes = new Set(["ImportError", "SecurityError", "ValidationError", "StateTooLargeError"]);
const isRefusedCode = (error: DescribedError): boolean =>
  error.constructorName === "EvalError" ||
  /Code generation from strings disallowed|import_meta|ERR_VM_DYNAMIC_IMPORT/.test(error.message);

function typeOf(error: DescribedError): string {
  const { constructorName, name, message } = error;
  if (isRefusedCode(error)) return "SecurityError";
  if (constructorName === "RangeError" && /allocation failed/.test(message)) return "OomError";
  if (namedTypes.has(name) && constructorName !== "TypeError") return name;
  if (isFromAdaptor(error)) return "JobError";
  const builtins = ["TypeError", "RangeError", "ReferenceError", "SyntaxError"];
  return builtins.find((known) => known === constructorName) ?? "JobError";
}

/** What an adaptor's error is called, beside the status-code table's JobError: its own name, else OpenFn's word. */
function adaptorTypeOf(error: DescribedError): string | undefined {
  if (typeOf(error) !== "JobError" || !isFromAdaptor(error)) return undefined;
  return /^[A-Z][A-Za-z]{0,58}Error$/.test(error.name) ? error.name : "AdaptorError";
}

function positionOf(stack: string, map: JobMap): StepError["position"] {
  const match = jobFrame.exec(stack);
  const place = match && map.locate({ line: Number(match[1]), column: Number(match[2]) });
  return place ? placeOf(place, map) : undefined;
}

const placeOf = ({ line, column }: { line: number; column: number }, { source }: JobMap) => ({
  line,
  column,
  source: (source.split("\n")[line - 1] ?? "").slice(0, 1000),
});

/** The worker's account of what the job threw, as the step's error and exit reason. */
export function jobFailure(described: DescribedError, map: JobMap): Failure {
  const type = typeOf(described);
  const operation = map.operations[described.operation];
  const noOperation = described.phase === "body" && type === "ValidationError" ? operation : undefined;
  const position = noOperation ? placeOf(noOperation, map) : positionOf(described.stack, map);
  const isAsync = described.phase === "async";
  const adaptorType = adaptorTypeOf(described);
  const hint =
    (noOperation ? wrapHint(noOperation.label) : described.hint) ??
    hints[type] ??
    (isAsync ? unawaited : undefined);
  const error: StepError = {
    type,
    ...(adaptorType ? { adaptorType } : {}),
    message:
      type === "SecurityError" && isRefusedCode(described)
        ? "Illegal eval statement detected"
        : `${described.message}${noOperation ? `: ${noOperation.label}(…) on line ${noOperation.line} is none` : ""}`,
    ...(position ? { position } : {}),
    ...(operation && described.phase === "operations"
      ? { operation: { name: operation.label, line: operation.line } }
      : {}),
    ...(described.details === undefined ? {} : { details: described.details }),
    ...(hint ? { hint } : {}),
  };
  const reason = reasonOf(type);
  return { reason: isAsync && reason === "fail" ? "crash" : reason, error };
}

const wrapHint = (label: string): string =>
  `What stands at the top level must be an operation, such as fn(…) or get(…). Put this into one: fn(state => { ${label}(…); return state; })`;

const unawaited = "This happened in something that the job started and did not wait for: return its promise.";

/** A worker that ended before it answered. */
export function endFailure(end: WorkerEnd, map: JobMap): Failure {
  switch (end.kind) {
    case "killed":
      return killFailure(end.cause);
    case "crashed":
      return jobFailure({ ...end.error, phase: "async" }, map);
    case "out-of-memory":
      return killFailure({ type: "OomError", message: "Run exceeded maximum memory usage" });
    case "violation":
      return failure({ type: "Lost", message: `The job's process broke the protocol: ${end.message}` });
    case "exited":
      return failure({
        type: "Lost",
        message: `The job's process ended unexpectedly (${end.signal ?? `code ${end.code}`})`,
        ...(end.stderr ? { details: { stderr: end.stderr.slice(0, 500) } } : {}),
      });
    default:
      return end satisfies never;
  }
}

export function killFailure({ type, message }: KillCause): Failure {
  const hint = hints[type];
  return failure({ type, message, ...(hint ? { hint } : {}) });
}

/** `state.errors[jobId]` with OpenFn's fields (openfn-toolchain §2.3), so that its jobs can read it. */
export function stateError(error: StepError, jobId: string): Record<string, unknown> {
  const { type, adaptorType, message, position, operation, details } = error;
  const base = { source: "runtime", severity: "fail" };
  if (type === "TypeError" || type === "RangeError") {
    const pos = position && { line: position.line, column: position.column, src: position.source };
    return {
      ...base,
      name: "RuntimeError",
      subtype: type,
      message: `${type}: ${message}`,
      ...(pos ? { pos, step: jobId } : {}),
    };
  }
  if (adaptorType === undefined) return { ...base, name: type, message };
  const extra = typeof details === "object" && details !== null ? details : {};
  return {
    ...base,
    name: "AdaptorError",
    message,
    details: { message, ...extra },
    ...(operation && !position ? { operationName: operation.name, line: operation.line } : {}),
    ...(position ? { pos: { line: position.line, column: position.column, src: position.source } } : {}),
  };
}
