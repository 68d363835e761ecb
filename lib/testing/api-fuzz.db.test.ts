import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Route } from "@/app/api/routes";
import { sessionCookieName } from "@/lib/auth/cookie";
import { isNothing, isSchema, statusesOf } from "@/lib/http/declaration";
import { errorBody, statusOf } from "@/lib/http/errors";
import type { Operation } from "@/lib/http/openapi-types";
import { openfnErrorBody } from "@/lib/http/openfn-errors";
import { arbitrary, marker, nastyText } from "./api/arbitrary";
import { examples } from "./api/examples";
import { closedPlaces, strangeKey, withKey } from "./api/places";
import {
  call as callIn,
  document,
  exampleOf,
  type Input,
  name,
  operationOf,
  paramNames,
  realDeep as realIn,
  routes,
  usual,
} from "./api/walk";
import { callers, createWorld, stands, type World } from "./api/world";

/**
 * Walks the document: every operation, as everybody, with inputs that its schemas allow and inputs that they do not.
 * The same numbers each time; `FUZZ_SEED` and `FUZZ_RUNS` try others.
 */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_125);
const numRuns = Number(process.env.FUZZ_RUNS ?? 40);

/** What may come with a request of nobody. */
const noProof: Record<string, string>[] = [
  {},
  { cookie: `${sessionCookieName()}=%` },
  { cookie: `${sessionCookieName()}=abc.def; ${sessionCookieName()}` },
  { authorization: "Bearer wb_unknown" },
  { authorization: "Basic %%%" },
  { origin: "null" },
  { origin: "https://elsewhere.example" },
];

let world: World;
const call = (route: Route, input: Input) => callIn(world, route, input);
const realDeep = (value: unknown) => realIn(world, value);
const markers = [
  ...[
    "project",
    "projectName",
    "message",
    "run",
    "waitingRun",
    "step",
    "failed",
    "workflow",
    "trigger",
    "webhook",
    "dataclip",
    "entry",
  ],
  ...["job", "second", "credential", "projectCredential", "method", "invitation", "invitationToken", "owner"],
  ...[
    "viewer",
    "viewerEmail",
    "newEmail",
    "session",
    "token",
    "appCode",
    "backupCode",
    "newId",
    "otherNewId",
  ],
  ...["client", "transfer", "consentState", "issue"],
].map(marker);

function inputs(route: Route, operation: Operation): fc.Arbitrary<Input> {
  const params = fc.record(
    Object.fromEntries(
      paramNames(route).map((param) => [
        param,
        fc.oneof(
          { weight: param === "project" ? 40 : 6, arbitrary: fc.constant(usual(route, param)) },
          { weight: 1, arbitrary: fc.constantFrom(...markers) },
          { weight: 1, arbitrary: fc.oneof(fc.uuid(), nastyText) },
        ),
      ]),
    ),
  );
  const of = (isHostile: boolean) =>
    fc.record({
      caller: fc.constantFrom(...callers),
      proof: fc.constantFrom(...noProof),
      params,
      query: queryOf(operation, isHostile),
      body: bodyOf(operation, isHostile),
    });
  return fc.oneof(of(true), of(false));
}

function queryOf({ parameters = [] }: Operation, isHostile: boolean): fc.Arbitrary<[string, string][]> {
  const known = parameters
    .filter((parameter) => parameter.in === "query")
    .map((parameter) => {
      const kind = { named: document.components.schemas, markers, isHostile };
      const value = arbitrary(parameter.schema, kind).map((one) =>
        typeof one === "string" ? one : JSON.stringify(one),
      );
      const pair = value.map((text): [string, string][] => [[parameter.name, text]]);
      return parameter.required && !isHostile ? pair : fc.oneof(pair, fc.constant<[string, string][]>([]));
    });
  const strange = fc
    .tuple(fc.string({ minLength: 1, maxLength: 5 }), nastyText)
    .map((pair): [string, string][] => [pair]);
  const extra = isHostile ? [fc.oneof(strange, fc.constant<[string, string][]>([]))] : [];
  return fc.tuple(...known, ...extra).map((pairs) => pairs.flat());
}

function bodyOf({ requestBody }: Operation, isHostile: boolean): fc.Arbitrary<unknown> {
  const schema = requestBody?.content["application/json"]?.schema;
  const kind = { named: document.components.schemas, markers, isHostile };
  if (!schema) return isHostile ? fc.constantFrom(undefined, {}, { a: 1 }, [], null) : fc.constant(undefined);
  return arbitrary(schema, kind);
}

/** 501 is what its only route answers. */
const isRefusal = (status: number, text: string): boolean => status !== 501 && text.startsWith('{"error":');

/** Throws unless the answer is one that the route declares, to the last field. */
async function expectDeclared(route: Route, operation: Operation, response: Response): Promise<void> {
  const { declaration } = route.handler;
  const text = await response.text();
  const said = `${response.status} ${text.slice(0, 500)}`;
  if (!(String(response.status) in operation.responses) || response.status === 500)
    throw new Error(`${name(route)} answered ${said}, which is not declared.`);
  const isOwn = statusesOf(declaration).includes(response.status) && !isRefusal(response.status, text);
  const type = response.headers.get("content-type")?.split(";")[0];
  if (isOwn && isNothing(declaration.response)) return expect(text).toBe("");
  if (isOwn && !isSchema(declaration.response)) {
    expect("contentType" in declaration.response && declaration.response.contentType).toBe(type);
    return;
  }
  expect(type).toBe("application/json");
  const body: unknown = JSON.parse(text);
  if (isOwn && isSchema(declaration.response)) {
    const { openfn } = declaration;
    (openfn ? z.union([declaration.response, openfn.response]) : declaration.response).parse(body);
    return;
  }
  if (declaration.errorShape === "openfn" || (declaration.openfn && !errorBody.safeParse(body).success)) {
    openfnErrorBody.parse(body);
    return;
  }
  const { error } = errorBody.parse(body);
  if (
    error.code === "internal" ||
    error.code === "method_not_allowed" ||
    statusOf[error.code] !== response.status
  )
    throw new Error(`${name(route)} answered ${said}: the code is not the status's.`);
}

beforeAll(async () => {
  world = await createWorld();
});

const inbox = ["/i/{id}", "/i/{project}/{path}"].flatMap((path) => [`GET ${path}`, `POST ${path}`]);
const items = [
  ...["GET", "POST", "DELETE"].map((method) => `${method} /collections/{name}`),
  ...["GET", "PUT", "DELETE"].map((method) => `${method} /collections/{name}/{key}`),
];

test("the document holds every declared route, and nothing else but the inbox and items of collections", () => {
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const declared = routes.map((route) => `${route.method} ${route.path.replace(/\[(\w+)\]/g, "{$1}")}`);
  expect(described.sort()).toEqual([...declared, ...inbox, ...items].sort());
  expect(Object.keys(examples).filter((key) => !routes.some((route) => name(route) === key))).toEqual([]);
});

test("every reference leads to something, and no operation is called twice", () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  expect(references.length).toBe(text.split('"$ref"').length - 1);
  const { schemas, responses } = document.components;
  expect(
    references.filter(([, kind, to = ""]) => !(to in (kind === "schemas" ? schemas : responses))),
  ).toEqual([]);
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((one) => one.operationId),
  );
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

/** What reads leaves the world as it is, for the next one. What changes something, here or beforehand, has one to itself. */
const isReading = (route: Route) => route.method === "GET" && !examples[name(route)]?.prepare;
const readingFirst = [...routes.filter(isReading), ...routes.filter((route) => !isReading(route))];

describe("every route answers what it declares", () => {
  test.each(readingFirst.map((route) => [name(route), route] as const))("%s", async (_, route) => {
    const operation = operationOf(route);
    if (!operation) throw new Error("not in the document");
    if (!isReading(route) || !(await stands(world))) world = await createWorld();
    Object.assign(world.things, await examples[name(route)]?.prepare?.(world.things));
    const success = await call(route, exampleOf(route));
    const shown = success.clone();
    await expectDeclared(route, operation, success);
    if (!statusesOf(route.handler.declaration).includes(shown.status))
      throw new Error(`The example was refused: ${shown.status} ${await shown.text()}`);
    await fc.assert(
      fc.asyncProperty(inputs(route, operation), async (input) => {
        if (!(await stands(world))) world = await createWorld();
        await expectDeclared(route, operation, await call(route, input));
      }),
      { seed, numRuns, endOnFailure: true },
    );
  });
});

/** OpenFn's API does not look at what else these say, and clients of it say more. */
const looksAway = new Set([
  "POST /api/credentials",
  "PATCH /api/projects/[project]/workflows/[id]",
  "POST /api/users/register",
]);
const openfnPuts = new Set(["PUT /api/credentials/[credential]", "PUT /api/projects/[project]"]);

/** What is said of an unknown key in a body. */
function unknownIn(route: Route): string {
  if (openfnPuts.has(name(route))) return '"zzzz":["is not accepted"]';
  const { errorShape, body } = route.handler.declaration;
  return errorShape === "openfn" && body
    ? "extraneous parameters: zzzz"
    : 'Unknown key \\"zzzz\\" in the body.';
}

describe("unknown keys", () => {
  test.each(routes.map((route) => [name(route), route] as const))("%s names them", async (_, route) => {
    if (!(await stands(world))) world = await createWorld();
    const input = exampleOf(route);
    const query = await call(route, { ...input, query: [...input.query, ["zzzz", "1"]] });
    expect([query.status, await query.text()]).toEqual([
      422,
      expect.stringContaining('Unknown key \\"zzzz\\" in the query.'),
    ]);
    if (route.method === "GET" || looksAway.has(name(route))) return;
    const body = await call(route, { ...input, body: { ...(input.body ?? {}), zzzz: 1 } });
    expect([body.status, await body.text()]).toEqual([422, expect.stringContaining(unknownIn(route))]);
  });
});

/** Bodies that a route may take: its example, and some by chance. */
function bodiesOf(route: Route): unknown[] {
  const operation = operationOf(route);
  const schema = operation?.requestBody?.content["application/json"]?.schema;
  if (!schema) return [];
  const kind = { named: document.components.schemas, markers, isHostile: false };
  return [exampleOf(route).body, ...fc.sample(arbitrary(schema, kind), { seed, numRuns: 8 })];
}

describe("a key that nobody knows, at any level of any body or query", () => {
  test.each(routes.map((route) => [name(route), route] as const))("%s", async (_, route) => {
    if (!(await stands(world))) world = await createWorld();
    const schema = operationOf(route)?.requestBody?.content["application/json"]?.schema;
    const input = exampleOf(route);
    let n = 0;
    for (const body of bodiesOf(route))
      for (const place of closedPlaces(schema ?? {}, realDeep(body), document.components.schemas)) {
        const key = strangeKey(place.known, n++);
        const response = await call(route, { ...input, body: withKey(realDeep(body), place.path, key) });
        const text = await response.text();
        if (
          response.status < 400 ||
          response.status >= 500 ||
          !text.includes(JSON.stringify(key).slice(1, -1))
        )
          throw new Error(
            `${name(route)}: ${key} at ${place.path.join(".")}: ${response.status} ${text.slice(0, 300)}`,
          );
      }
    const known = (operationOf(route)?.parameters ?? []).filter((one) => one.in === "query");
    for (const one of [{ name: "state" }, ...known]) {
      const key = `${one.name}s`;
      const response = await call(route, { ...input, query: [...input.query, [key, "failed"]] });
      expect([response.status, await response.text()]).toEqual([422, expect.stringContaining(key)]);
    }
  });

  test("is tried within arrays, unions and records, not only at the top", () => {
    const depths = routes.flatMap((route) => {
      const schema = operationOf(route)?.requestBody?.content["application/json"]?.schema ?? {};
      const places = closedPlaces(schema, realDeep(exampleOf(route).body), document.components.schemas);
      return places.map(({ path }) => path.length);
    });
    expect(depths.filter((depth) => depth === 0).length).toBeGreaterThan(20);
    expect(depths.filter((depth) => depth > 1).length).toBeGreaterThan(3);
  });
});
