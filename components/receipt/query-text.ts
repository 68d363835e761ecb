import { type ExactJson, ExactNumber } from "@/lib/exact-json";

/** A query as it was sent, of its nested fields: `?a[b]=1&a[]=2`; empty when there is none. */
export function queryText(query: Record<string, ExactJson>): string {
  const fields = Object.entries(query).flatMap(([name, value]) => fieldsOf(name, value));
  return fields.length > 0 ? `?${new URLSearchParams(fields)}` : "";
}

/** Nested fields by the names that they are sent under. */
export function fieldsOf(name: string, value: ExactJson): [string, string][] {
  if (typeof value !== "object" || value === null || value instanceof ExactNumber)
    return [[name, String(value)]];
  if (Array.isArray(value)) return value.flatMap((one) => fieldsOf(`${name}[]`, one));
  return Object.entries(value).flatMap(([key, one]) => fieldsOf(`${name}[${key}]`, one));
}
