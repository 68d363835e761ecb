import type { JsonSchema, OpenApi, Operation } from "@/lib/http/openapi-types";

type Named = OpenApi["components"]["schemas"];

/** The schema that a reference stands for, or the schema itself. */
export const resolved = (schema: JsonSchema, named: Named): JsonSchema =>
  schema.$ref ? (named[nameOf(schema.$ref)] ?? {}) : schema;

export const nameOf = (reference: string): string => reference.split("/").at(-1) ?? "";

/** A value that shows what a schema wants: what is required, each by its kind. */
export function exampleOf(given: JsonSchema, named: Named): unknown {
  const schema = resolved(given, named);
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if ("const" in schema) return schema.const;
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first) return exampleOf(first, named);
  switch ([schema.type].flat()[0]) {
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, exampleOf(objectOf(schema.properties?.[key]), named)]),
      );
    case "array":
      return [];
    case "boolean":
      return true;
    case "integer":
    case "number":
      return Math.max(1, schema.minimum ?? 1);
    case "string":
      return textOf(schema);
    default:
      return {};
  }
}

const objectOf = (schema: JsonSchema | boolean | undefined): JsonSchema =>
  typeof schema === "object" ? schema : {};

const exampleId = "01968f2e-7c1a-7000-8000-5a1e0f3b9d42";

function textOf({ format }: JsonSchema): string {
  if (format === "uuid") return exampleId;
  if (format === "email") return "ada@example.org";
  if (format === "date-time") return "2026-11-25T12:00:00Z";
  return "…";
}

/** The call as a line for a terminal. */
export function curlOf(
  url: string,
  method: string,
  path: string,
  operation: Operation,
  named: Named,
): string {
  const required = (operation.parameters ?? []).filter((one) => one.in === "query" && one.required);
  const query = required.map(
    (one) => `${one.name}=${encodeURIComponent(String(exampleOf(one.schema, named)))}`,
  );
  const address = `${url}${path.replace(/\{(\w+)\}/g, "<$1>")}${query.length > 0 ? `?${query.join("&")}` : ""}`;
  const body = operation.requestBody?.content["application/json"]?.schema;
  const parts = [
    `curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} '${address}'`,
    ...(operation.security.some((one) => "token" in one) ? ["-H 'authorization: Bearer wb_…'"] : []),
    ...(operation.requestBody ? ["-H 'content-type: application/json'"] : []),
    ...(body ? [`-d '${JSON.stringify(exampleOf(body, named))}'`] : []),
    ...(operation.requestBody && !body ? [`-d '{"form":"home-visit"}'`] : []),
  ];
  return parts.join(" \\\n  ");
}
