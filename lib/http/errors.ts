import { ZodError } from "zod";
import { log } from "@/lib/log";
import { type ErrorCode, Refusal } from "@/lib/refusal";

const statusOf: Record<ErrorCode, number> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  limit: 429,
  unavailable: 503,
};

export type ErrorBody = {
  error: { code: ErrorCode | "internal"; message: string; details?: unknown; requestId?: string };
};

/** Any thrown thing as a response: domain errors in their words, everything else as an id that the log knows. */
export function errorResponse(error: unknown): Response {
  if (error instanceof ZodError) return errorResponse(fromZod(error));
  if (error instanceof Refusal) {
    const body: ErrorBody = {
      error: {
        code: error.code,
        message: error.message,
        ...(error.details ? { details: error.details } : {}),
      },
    };
    const headers = error.retryAfterSeconds ? { "retry-after": String(error.retryAfterSeconds) } : undefined;
    return Response.json(body, { status: statusOf[error.code], ...(headers ? { headers } : {}) });
  }
  const requestId = crypto.randomUUID();
  log.error("request failed", { requestId, error });
  const body: ErrorBody = {
    error: {
      code: "internal",
      message: `Something went wrong on our side. Quote ${requestId} to your administrator.`,
      requestId,
    },
  };
  return Response.json(body, { status: 500 });
}

/** Every issue at its path, and the first as the sentence. */
export function fromZod(error: ZodError): Refusal {
  const details: Record<string, string[]> = {};
  for (const issue of error.issues) {
    const path = issue.path.join(".");
    details[path] = [...(details[path] ?? []), issue.message];
  }
  const [path, messages] = Object.entries(details)[0] ?? ["", ["The input is not valid."]];
  return new Refusal(
    "invalid",
    path ? `${path}: ${messages[0]}` : (messages[0] ?? "The input is not valid."),
    details,
  );
}
