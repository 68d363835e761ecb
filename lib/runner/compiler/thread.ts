import { parentPort } from "node:worker_threads";
import {
  CompileError,
  type CompileErrorType,
  type CompileOptions,
  compile,
  type PackedJob,
  packJob,
} from "./index";

export type CompileRequest = { source: string; options: CompileOptions };
export type CompileAnswer =
  | { job: PackedJob }
  | {
      error: {
        type: CompileErrorType;
        message: string;
        line: number;
        column: number;
        name: string;
        hint?: string;
      };
    }
  | { failure: string };

function answer({ source, options }: CompileRequest): CompileAnswer {
  try {
    return { job: packJob(compile(source, options)) };
  } catch (error) {
    if (!(error instanceof CompileError)) return { failure: String(error) };
    const { type, message, line, column, name, hint } = error;
    return { error: { type, message, line, column, name, ...(hint === undefined ? {} : { hint }) } };
  }
}

parentPort?.on("message", (request: CompileRequest) => parentPort?.postMessage(answer(request)));
