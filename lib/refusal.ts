/** The closed set of ways in which a verb can refuse. HTTP status and shape: lib/http/errors.ts. */
export const errorCodes = [
  "invalid",
  "unauthenticated",
  "forbidden",
  "reauthenticate",
  "not_found",
  "conflict",
  "limit",
  "unavailable",
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** `message` is a sentence for the person who asked: what is wrong and what to do next. Never holds a secret. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Field path → sentences, for forms; or anything the API documents. */
    readonly details?: Record<string, unknown>,
    /** Seconds after which trying again makes sense. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = "Refusal";
  }
}

export const notFound = (what: string) => new Refusal("not_found", `${what} was not found.`);
export const forbidden = (sentence = "Your role in this project does not allow this.") =>
  new Refusal("forbidden", sentence);
export const invalid = (message: string, details?: Record<string, unknown>) =>
  new Refusal("invalid", message, details);
export const conflict = (message: string, details?: Record<string, unknown>, retryAfterSeconds?: number) =>
  new Refusal("conflict", message, details, retryAfterSeconds);
