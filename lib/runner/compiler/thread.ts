import { parentPort } from "node:worker_threads";
import { type CheckOptions, compileErrorOf } from "./check";
import {
  CompileError,
  type CompileErrorType,
  type CompileOptions,
  compile,
  type PackedJob,
  packJob,
} from "./index";

/** What is compiled, or only looked through for what keeps it from compiling. */
export type CompileRequest =
  | { source: string; options: CompileOptions }
  | { source: string; check: CheckOptions };

type ErrorData = {
  type: CompileErrorType;
  message: string;
  line: number;
  column: number;
  name: string;
  hint?: string;
};

/** `job` is null where it was only looked through. */
export type CompileAnswer = { job: PackedJob | null } | { error: ErrorData } | { failure: string };

function answer(request: CompileRequest): CompileAnswer {
  const { source } = request;
  try {
    if ("options" in request) return { job: packJob(compile(source, request.options)) };
    const error = compileErrorOf(source, request.check);
    return error ? { error: dataOf(error) } : { job: null };
  } catch (error) {
    return error instanceof CompileError ? { error: dataOf(error) } : { failure: String(error) };
  }
}

const dataOf = ({ type, message, line, column, name, hint }: CompileError): ErrorData => ({
  type,
  message,
  line,
  column,
  name,
  ...(hint === undefined ? {} : { hint }),
});

parentPort?.on("message", (request: CompileRequest) => parentPort?.postMessage(answer(request)));
