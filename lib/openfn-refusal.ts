import { type ErrorCode, Refusal } from "./refusal";

/** Messages by field; records are under their names, in `workflows`, `jobs`, `triggers` and `edges`. */
export type OpenfnErrors = { [key: string]: string[] | OpenfnErrors };

export type OpenfnErrorBody =
  | { error: string; message?: string }
  | { errors: OpenfnErrors }
  | { error: string; errors: OpenfnErrors }
  /** Of one workflow. */
  | { id: string | null; errors: OpenfnErrors | string[] };

/** A refusal that is answered with a body of OpenFn's, word for word. */
export class OpenfnRefusal extends Refusal {
  constructor(
    code: ErrorCode,
    readonly body: OpenfnErrorBody,
  ) {
    super(code, "It was refused; the body says why, in OpenFn's words.");
  }
}
