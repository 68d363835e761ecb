/** Why an adaptor cannot be had: `invalid` request, `missing` from the registry, registry `unreachable`, `broken` package, too `busy`. */
export type AdaptorProblem = "invalid" | "missing" | "unreachable" | "broken" | "busy";

/** `message` is a sentence for the person who chose the adaptor. */
export class AdaptorInstallError extends Error {
  override readonly name = "AdaptorInstallError";

  constructor(
    readonly problem: AdaptorProblem,
    message: string,
    /** The end of the tool's own output, for the operator's log. */
    readonly output?: string,
  ) {
    super(message);
  }
}
