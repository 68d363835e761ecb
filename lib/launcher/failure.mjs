// @ts-check
/** What went wrong, as one sentence with the way out. The launcher prints only the sentence and ends with `code`. */
export class Failure extends Error {
  /**
   * @param {string} sentence
   * @param {{ code?: number, detail?: string | undefined }} [options]
   */
  constructor(sentence, { code = 1, detail } = {}) {
    super(sentence);
    this.name = "Failure";
    this.code = code;
    /** The end of a failed command's output, printed above the sentence. */
    this.detail = detail;
  }
}

/**
 * Prints what ended the launcher. A `Failure` is meant for people; anything else is a defect and shows its stack.
 * @param {unknown} error
 * @returns {number} the exit code
 */
export function report(error) {
  if (error instanceof Failure) {
    if (error.detail) console.error(error.detail.trimEnd());
    console.error(error.message);
    return error.code;
  }
  console.error(error);
  return 1;
}

/**
 * The words of whatever was thrown.
 * @param {unknown} error
 * @returns {string}
 */
export const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * Node's code of whatever was thrown, e.g. ENOENT.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export const codeOf = (error) =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
