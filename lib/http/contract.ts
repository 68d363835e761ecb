import { z } from "zod";
import { env } from "@/lib/env";
import { stringifyExact } from "@/lib/exact-json";

/**
 * An answer as JSON text. Outside production it is parsed strictly first, as it is sent: an undeclared field or a wrong
 * type is a fault of ours and throws. In production the types and the tests stand for it, so that no list costs more.
 * `isExact`: with every number as it was written.
 */
export function checkedJson(schema: z.ZodType, value: unknown, isExact = false): string {
  const text = isExact ? stringifyExact(value) : JSON.stringify(value);
  if (env().NODE_ENV === "production") return text;
  const { error } = schema.safeParse(JSON.parse(text));
  if (error) throw new Error(`The answer is not what the route declares.\n${z.prettifyError(error)}`);
  return text;
}
