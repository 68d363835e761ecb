import type { JsonSchema, OpenApi, Operation } from "./openapi-types";

/** OpenFn's collections API, by hand: its routes are none of the declared ones (lib/collections/answer.ts). */

export const collectionsTag = {
  name: "Items of collections",
  description:
    "OpenFn's collections API, for its CLI and adaptor. With `x-api-version: 2` the project's id stands before the name in the path.",
};

const text: JsonSchema = { type: "string" };
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const json = (schema: JsonSchema) => ({ "application/json": { schema } });
const nothing: JsonSchema = { type: "null" };
const problem = object({ error: text });
const item = object({ key: text, value: text, created: text, updated: text });
const put = object({ upserted: { type: "integer" }, error: nothing });
const gone = object({
  key: { type: ["string", "null"] },
  deleted: { type: "integer" },
  error: { type: ["string", "null"] },
});

type Parameter = NonNullable<Operation["parameters"]>[number];
const inPath = (name: string, description: string): Parameter => ({
  name,
  in: "path",
  required: true,
  schema: text,
  description,
});
const inQuery = (name: string, description: string): Parameter => ({
  name,
  in: "query",
  required: false,
  schema: text,
  description,
});

const name = inPath("name", "The collection's.");
const key = inPath("key", "The item's. It may hold slashes.");
const project = inQuery("project_id", "Whose collection, where several projects have one of that name.");
const filters = [
  inQuery("key", "Keys like this: `*` is any text."),
  ...["created_after", "updated_after"].map((one) => inQuery(one, "ISO 8601 with an offset, inclusive.")),
  ...["created_before", "updated_before"].map((one) => inQuery(one, "ISO 8601 with an offset, exclusive.")),
];

const refusals: Operation["responses"] = {
  400: {
    description: "Something of the query or the body is not known, or no value.",
    content: json(problem),
  },
  401: { description: "No token, or not one that may.", content: json(problem) },
  403: { description: "The token lacks the scope.", content: json(problem) },
  404: { description: "No such collection.", content: json(problem) },
  409: { description: "Several projects have one of that name.", content: json(problem) },
  429: {
    description: "Too much of the project waits. Ask again after `Retry-After`.",
    content: json(problem),
  },
};
const refused: Operation["responses"] = {
  422: { description: "Nothing was written, and why.", content: json(problem) },
};

const operation = (
  operationId: string,
  summary: string,
  parameters: Parameter[],
  answers: Operation["responses"],
  body?: JsonSchema,
): Operation => ({
  tags: [collectionsTag.name],
  security: [{ token: [] }],
  operationId,
  summary,
  parameters: [...parameters, project],
  ...(body ? { requestBody: { required: true, content: json(body) } } : {}),
  responses: { ...answers, ...refusals },
});

const ok = (schema: JsonSchema): Operation["responses"] => ({
  200: { description: "Done.", content: json(schema) },
});

export const collectionsPaths: OpenApi["paths"] = {
  "/collections/{name}": {
    get: operation(
      "listCollectionValues",
      "Items in the order in which they were added, streamed.",
      [name, ...filters, inQuery("limit", "1,000 unless told."), inQuery("cursor", "Of the page before.")],
      ok(object({ items: { type: "array", items: item }, cursor: { type: ["string", "null"] } })),
    ),
    post: operation(
      "putCollectionValues",
      "Adds items, or gives those that are there new values: all or none.",
      [name],
      { ...ok(put), ...refused },
      object({ items: { type: "array", items: object({ key: text, value: text }) } }),
    ),
    delete: operation(
      "deleteCollectionValues",
      "Deletes what the query finds, everything without one.",
      [name, ...filters],
      ok(gone),
    ),
  },
  "/collections/{name}/{key}": {
    get: operation("getCollectionValue", "One item.", [name, key], {
      ...ok(item),
      204: { description: "There is none with that key." },
    }),
    put: operation(
      "putCollectionValue",
      "Adds an item, or gives it a new value.",
      [name, key],
      { ...ok(put), ...refused },
      object({ value: text }),
    ),
    delete: operation("deleteCollectionValue", "Deletes one item.", [name, key], ok(gone)),
  },
};
