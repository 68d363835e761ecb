export type CompileErrorType = "SyntaxError" | "ImportError" | "SecurityError";

/**
 * Source that cannot become a step. `type` is the word shown on runs, `name` OpenFn's class, `message` OpenFn's words;
 * `line` and `column` are 1-based (the `(line:column)` inside a message counts columns from 0, as OpenFn's does).
 */
export class CompileError extends Error {
  readonly hint: string | undefined;

  /** The message without the place that OpenFn writes into it: for whoever shows `line` and `column` beside it. */
  get said(): string {
    return this.message.replace(/ \(\d+:\d+\)$/, "");
  }

  constructor(
    readonly type: CompileErrorType,
    message: string,
    readonly line: number,
    readonly column: number,
    more: { name?: string; hint?: string } = {},
  ) {
    super(message);
    this.name = more.name ?? type;
    this.hint = more.hint;
  }
}
