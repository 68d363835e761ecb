import { ZodError, z } from "zod";
import { type OpenfnErrorBody, type OpenfnErrors, OpenfnRefusal } from "@/lib/openfn-refusal";
import { Refusal } from "@/lib/refusal";
import { errorResponse, fromZod, statusOf } from "./errors";

const errorTree: z.ZodType<OpenfnErrors> = z
  .record(z.string(), z.any())
  .meta({ description: "Sentences by field. Records are under their names." });

/** What a route with `errorShape: "openfn"` answers instead of a result. */
export const openfnErrorBody = z
  .union([
    z.strictObject({
      error: z.string(),
      message: z
        .string()
        .exactOptional()
        .meta({ description: "A sentence for the person, where there is more to say." }),
    }),
    z.strictObject({ errors: errorTree }),
    z.strictObject({ error: z.string(), errors: errorTree }),
    z.strictObject({
      id: z.string().nullable(),
      errors: z
        .union([z.array(z.string()), errorTree])
        .meta({ description: "Of a workflow that cannot be saved, or that there is not." }),
    }),
  ])
  .meta({ id: "OpenfnError" });

/** Any thrown thing as OpenFn's tools expect it: fields in `errors` with 422, one word or sentence in `error` else. */
export function openfnErrorResponse(error: unknown): Response {
  if (error instanceof ZodError) return openfnErrorResponse(fromZod(error));
  if (error instanceof Refusal) return answer(bodyOf(error), error);
  const response = errorResponse(error);
  if (response.status === 499) return response;
  const { status, headers } = response;
  const retryAfter = headers.get("retry-after");
  const said = status === 503 ? "Service Unavailable" : "Internal Server Error";
  return Response.json({ error: said } satisfies OpenfnErrorBody, {
    status,
    ...(retryAfter ? { headers: { "retry-after": retryAfter } } : {}),
  });
}

function answer(body: OpenfnErrorBody, { code, retryAfterSeconds }: Refusal): Response {
  const headers = retryAfterSeconds ? { "retry-after": String(retryAfterSeconds) } : undefined;
  return Response.json(body, { status: statusOf[code], ...(headers ? { headers } : {}) });
}

function bodyOf(refusal: Refusal): OpenfnErrorBody {
  if (refusal instanceof OpenfnRefusal) return refusal.body;
  const { code, message, details } = refusal;
  switch (code) {
    case "unauthenticated":
      return { error: "Unauthorized" };
    case "not_found":
      return { error: "Not Found" };
    case "forbidden":
    case "reauthenticate":
      // With details, there is something that the caller can do.
      return details ? { error: "Forbidden", message } : { error: "Forbidden" };
    case "invalid":
      return typeof details?.error === "string"
        ? { error: details.error, errors: errorsOf(message, details) }
        : { errors: errorsOf(message, details) };
    default:
      return { error: message };
  }
}

/** What a refusal says by field; without fields it stands under `base`, as OpenFn has it. */
function errorsOf(message: string, details: Record<string, unknown> = {}): OpenfnErrors {
  const { errors } = details;
  if (isTree(errors)) return errors;
  const fields = Object.entries(details).filter(
    (entry): entry is [string, string[]] => entry[0] !== "" && isMessages(entry[1]),
  );
  return fields.length > 0 ? Object.fromEntries(fields) : { base: [message] };
}

const isTree = (value: unknown): value is OpenfnErrors =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isMessages = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
