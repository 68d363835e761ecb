import { exitCodes } from "./exit-codes";

type Options = { exitCode?: number; next?: string | undefined; cause?: unknown };

/** What a person is told when a command ends without having done its work: what went wrong, and what to do next. */
export class CliFailure extends Error {
  override readonly name = "CliFailure";
  readonly exitCode: number;
  readonly next: string | undefined;

  constructor(message: string, { exitCode = exitCodes.deployError, next, cause }: Options = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.next = next;
  }
}

/** Node's code of what was thrown (`ENOENT`), also of what caused it. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

/** The words of whatever was thrown. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
