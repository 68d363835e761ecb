import { z } from "zod";
import { rolesWith } from "@/lib/domain/permissions";
import { type ErrorCode, errorCodes } from "@/lib/refusal";
import { errorsOf, isNothing, isSchema, statusesOf } from "./declaration";
import { errorBody, statusOf } from "./errors";
import { collectionsPaths, collectionsTag } from "./openapi-collections";
import { inboxPaths, inboxTag } from "./openapi-inbox";
import type { JsonSchema, OpenApi, Operation, Parameter, ResponseObject } from "./openapi-types";
import { openfnErrorBody } from "./openfn-errors";
import type { RouteHandler } from "./route";
import type { SensitiveAct } from "./sensitive";

/** A route as the document needs it. */
export type DescribedRoute = { path: string; method: string; declaration: RouteHandler["declaration"] };

/** What an operation is filed under: the word after the project, or after `/api`. */
const tags: [name: string, words: string[], description: string][] = [
  [
    "Messages",
    ["messages", "events"],
    "What arrived, how each job did with it, and sending or processing it again.",
  ],
  ["Runs", ["runs", "steps", "dry-run"], "Executions of workflows: their steps, payloads and logs."],
  ["Workflows", ["workflows"], "Triggers, jobs and the edges between them. A save is a new version."],
  ["Adaptors", ["adaptors"], "What jobs talk to other systems with."],
  ["Projects", ["projects", "import", "rotate-inbox"], "Projects, their settings and their inbox URL."],
  ["Collaborators", ["members", "invitations", "owner", "leave"], "Who works in a project, and as what."],
  ["Credentials", ["credentials"], "Secrets that a project's jobs may use."],
  ["Sender checks", ["auth-methods"], "How senders prove themselves at a project's URLs."],
  ["Account", ["account", "auth"], "Your own account: tokens, credentials, browsers, password."],
  ["Installation", ["health", "openapi.json"], "This installation, for operators and tools."],
];

const description = `Every answer is JSON. Send an API token (made on the account page) as \`Authorization: Bearer wb_…\`, or call with the session cookie of a signed-in browser. Lists are read a page at a time: pass \`nextCursor\` of one page as \`cursor\` of the next. Keys that a route does not know are refused, in the query and in the body. What is refused says why in \`error.message\`; \`error.code\` is one of a closed set. An API token may do what its person's role and its scopes both allow: \`read\`, \`write\` (settings, people, credentials), \`deploy\` (workflows, adaptors) and \`run\` (runs, messages); \`security\` of each operation names the scope that it needs, and where it names no token only a browser may call.`;

/** The whole API as an OpenAPI 3.1 document, from the routes' declarations. Pure but for the routes it is given. */
export function openApi(
  routes: DescribedRoute[],
  url: string,
  version: string,
  sessionCookie: string,
): OpenApi {
  const schemas = new Schemas();
  const paths: OpenApi["paths"] = {};
  for (const route of routes) {
    const path = route.path.replace(/\[(\w+)\]/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  const error = { "application/json": { schema: schemas.of(errorBody, "output") } };
  const responses = [...errorCodes, "internal" as const].map((code) => [
    code,
    { description: meaning[code], content: error },
  ]);
  return {
    openapi: "3.1.0",
    info: { title: "Waybill", version, description },
    servers: [{ url }],
    tags: [inboxTag, collectionsTag, ...tags.map(([name, , description]) => ({ name, description }))],
    paths: { ...inboxPaths, ...collectionsPaths, ...paths },
    components: {
      schemas: schemas.named,
      responses: Object.fromEntries(responses),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token, made on the account page." },
        session: { type: "apiKey", in: "cookie", name: sessionCookie, description: "A signed-in browser." },
        senderBasic: { type: "http", scheme: "basic", description: "A project's check for its senders." },
        senderKey: { type: "apiKey", in: "header", name: "x-api-key", description: "The same, with a key." },
      },
    },
  };
}

const meaning: Record<ErrorCode | "internal", string> = {
  invalid: "The query, the body or an id is not what the route takes; `details` says what, by field.",
  unauthenticated: "No session and no valid API token.",
  forbidden:
    "Your role or your API token's scopes (`details.scope` names the missing one) do not allow this, or the request came from another site.",
  reauthenticate:
    "`forbidden`, or `reauthenticate`: a signed-in person has to prove to be there first (`POST /api/account/reauthentication`).",
  not_found: "There is no such thing, or you are no member of its project.",
  conflict:
    "Something else was changed or taken meanwhile, or it is too early; `Retry-After` may say until when.",
  limit: "Too many attempts; `Retry-After` says when to try again.",
  unavailable: "Something that is needed does not answer. Try again later.",
  internal: "A fault of ours; `requestId` is what the log calls it.",
};

function operation({ path, method, declaration }: DescribedRoute, schemas: Schemas): Operation {
  const { summary, query, openfn } = declaration;
  const body = openfn
    ? z.union([...(declaration.body ? [declaration.body] : []), openfn.body])
    : declaration.body;
  const parameters = [...pathParameters(path), ...(query ? queryParameters(schemas.of(query, "input")) : [])];
  return {
    operationId: operationId(method, path),
    tags: [tagOf(path)],
    summary,
    security: securityOf(declaration),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? {
          requestBody: {
            required: !body.safeParse({}).success,
            content: { "application/json": { schema: schemas.of(body, "input") } },
          },
        }
      : {}),
    responses: responsesOf(declaration, schemas),
    ...(declaration.sensitive ? { "x-recent-sign-in": actsOf(declaration) } : {}),
    ...(declaration.access === "project"
      ? { "x-permission": declaration.permission, "x-roles": rolesWith(declaration.permission) }
      : {}),
  };
}

/** The acts that need a recent sign-in of a person. */
const actsOf = ({ sensitive = [] }: DescribedRoute["declaration"]): SensitiveAct[] =>
  sensitive.map((rule) => (typeof rule === "string" ? rule : rule.act));

/** What may be sent to prove who calls; of an API token, the scope that it needs. */
function securityOf(declaration: DescribedRoute["declaration"]): Operation["security"] {
  if (declaration.access === "public") return [];
  const { scope } = declaration;
  return scope === "browser" ? [{ session: [] }] : [{ token: [scope] }, { session: [] }];
}

function responsesOf(declaration: DescribedRoute["declaration"], schemas: Schemas): Operation["responses"] {
  const { response: ours, openfn } = declaration;
  const response = openfn && isSchema(ours) ? z.union([ours, openfn.response]) : ours;
  const own: ResponseObject = isNothing(response)
    ? { description: "Done." }
    : isSchema(response)
      ? {
          description: "The result.",
          content: { "application/json": { schema: schemas.of(response, "output") } },
        }
      : "line" in response
        ? {
            description: "Lines, each JSON, sent as they come.",
            content: { [response.contentType]: { schema: schemas.of(response.line, "output") } },
          }
        : {
            description: "The bytes.",
            content: "contentType" in response ? { [response.contentType]: {} } : {},
          };
  const shape = declaration.openfn ? z.union([errorBody, openfnErrorBody]) : openfnErrorBody;
  const refusal = (code: ErrorCode | "internal"): ResponseObject =>
    declaration.errorShape === "openfn" || declaration.openfn
      ? {
          description: meaning[code],
          content: { "application/json": { schema: schemas.of(shape, "output") } },
        }
      : { $ref: `#/components/responses/${code}` };
  const refusals = errorsOf(declaration).map((code) => [statusOf[code], refusal(code)]);
  return Object.fromEntries([
    ...refusals,
    [500, refusal("internal")],
    ...statusesOf(declaration).map((status) => [status, own]),
  ]);
}

const pathParameters = (path: string): Parameter[] =>
  [...path.matchAll(/\[(\w+)\]/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", format: "uuid" },
  }));

const queryParameters = ({ properties = {}, required = [] }: JsonSchema): Parameter[] =>
  Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = typeof schema === "boolean" ? {} : schema;
    const isRequired = required.includes(name);
    return { name, in: "query", required: isRequired, schema: rest, ...(description ? { description } : {}) };
  });

function tagOf(path: string): string {
  const words = path.split("/").filter((word) => word && !word.startsWith("["));
  const [, first = "", second] = words;
  const word = first === "projects" ? (second ?? first) : first;
  return tags.find(([, of]) => of.includes(word))?.[0] ?? word;
}

/** `getProjectsProjectMessages`: unique, and stays as long as the path does. */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() +
  path
    .slice("/api/".length)
    .split(/[^a-z0-9]+/i)
    .filter(Boolean)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

/** Schemas as JSON Schema; those with a name of their own are collected and referred to. */
class Schemas {
  readonly named: Record<string, JsonSchema> = {};

  of(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    const { $schema, $defs, ...json } = z.toJSONSchema(schema, {
      io,
      unrepresentable: "any",
      override: ({ jsonSchema }) => dropSafeIntegers(jsonSchema),
    });
    for (const [name, one] of Object.entries($defs ?? {})) if (!isAnyJson(name)) this.#keep(name, one);
    const { id, ...rest } = atHome(json);
    if (typeof id !== "string") return rest;
    this.#keep(id, rest);
    return { $ref: `#/components/schemas/${id}` };
  }

  #keep(name: string, schema: JsonSchema): void {
    const { id: _, ...rest } = atHome(schema);
    this.named[name] = rest;
  }
}

/** The only schema that refers to itself without a name is `z.json()`, which lets everything through. */
const isAnyJson = (name: string): boolean => name.startsWith("__schema");

/** References to where OpenAPI keeps its schemas. */
const atHome = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema), (_, value) => {
    const name = typeof value?.$ref === "string" && value.$ref.slice("#/$defs/".length);
    if (!name || !value.$ref.startsWith("#/$defs/")) return value;
    return isAnyJson(name) ? {} : { ...value, $ref: `#/components/schemas/${name}` };
  });

/** That a number fits into JavaScript goes without saying. */
function dropSafeIntegers(schema: JsonSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
