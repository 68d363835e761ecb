import { ZodError, z } from "zod";
import { type DeadlineError, isDeadline, isHungUp } from "@/db/deadline";
import { isOutage } from "@/db/outage";
import { causes } from "@/lib/error-code";
import { log } from "@/lib/log";
import { type ErrorCode, errorCodes, Refusal } from "@/lib/refusal";

export const statusOf: Record<ErrorCode, number> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  reauthenticate: 403,
  not_found: 404,
  conflict: 409,
  limit: 429,
  unavailable: 503,
};

/** What every route answers instead of a result. */
export const errorBody = z
  .strictObject({
    error: z.strictObject({
      code: z.enum([...errorCodes, "method_not_allowed", "internal"]),
      message: z.string().meta({ description: "A sentence for the person at the screen." }),
      details: z
        .record(z.string(), z.unknown())
        .optional()
        .meta({ description: "Sentences by field, or what the route documents." }),
      requestId: z.uuid().optional().meta({ description: "Only for `internal`: what the log calls it." }),
    }),
  })
  .meta({ id: "Error" });

export type ErrorBody = z.infer<typeof errorBody>;

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
  const chain = causes(error);
  // Nobody reads it; the status is the one that proxies log for this.
  if (chain.some(isHungUp)) return new Response(null, { status: 499 });
  const late = chain.find(isDeadline);
  if (late) {
    log.warn("a statement took too long", { error });
    return errorResponse(tooLate(late));
  }
  if (chain.some(isOutage)) {
    log.warn("the database is away", { error });
    return errorResponse(away());
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

const retryAfterSeconds = 5;

const tooLate = ({ message }: DeadlineError): Refusal =>
  new Refusal(
    "unavailable",
    `${message} Try again in ${retryAfterSeconds} seconds; ask for less if that does not help, e.g. a shorter range of time.`,
    undefined,
    retryAfterSeconds,
  );

const away = (): Refusal =>
  new Refusal(
    "unavailable",
    `The database cannot be reached at the moment. Try again in ${retryAfterSeconds} seconds.`,
    undefined,
    retryAfterSeconds,
  );

/** What is said, with status 405, to a method that a route does not take; `allow` lists those that it does. */
export const wrongMethod = (allow: string[]): ErrorBody => ({
  error: {
    code: "method_not_allowed",
    message: `This route takes ${allow.join(", ")}. GET /api/openapi.json lists every route.`,
  },
});

type Issue = z.core.$ZodIssue;

/** Every issue at its path, and the first as the sentence. */
export function fromZod(error: ZodError): Refusal {
  const issues = error.issues.flatMap(likeliest);
  // A map: a sender may call a key `constructor`.
  const details = new Map<string, string[]>();
  for (const issue of issues) {
    const path = [...issue.path, ...(issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [])].join(
      ".",
    );
    details.set(path, [...(details.get(path) ?? []), issue.message]);
  }
  const [path, messages] = [...details][0] ?? ["", ["The input is not valid."]];
  const sentence = messages[0] ?? "The input is not valid.";
  const saysWhere = path === "" || issues[0]?.code === "unrecognized_keys";
  return new Refusal("invalid", saysWhere ? sentence : `${path}: ${sentence}`, Object.fromEntries(details));
}

/** What is wrong with a union is what is wrong with the alternative that was probably meant. */
function likeliest(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const [branch] = [...issue.errors].sort((a, b) => a.length - b.length);
  if (!branch || branch.length === 0) return [issue];
  return branch.flatMap(likeliest).map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}
