/** What is answered instead of a result: OpenFn's statuses and bodies (reference: platform §2.5). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly body: Record<string, unknown>,
    readonly headers: Record<string, string> = {},
  ) {
    super(String(body.error));
    this.name = "Problem";
  }
}

export const unauthorized = () => new Problem(401, { error: "Unauthorized" });
export const missing = () => new Problem(404, { error: "Not Found" });
export const badRequest = (message?: string) =>
  new Problem(400, { error: "Bad Request", ...(message ? { message } : {}) });
export const ambiguous = () =>
  new Problem(409, {
    error: "Multiple collections found with this name. Add ?project_id=<uuid> to disambiguate.",
  });
/** Nothing was written. */
export const notPut = (error: string) => new Problem(422, { upserted: 0, error });
