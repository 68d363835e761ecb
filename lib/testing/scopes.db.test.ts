import { NextRequest } from "next/server";
import { beforeAll, describe, expect, test } from "vitest";
import { apiDocument } from "@/app/api/document";
import { loadRoutes, type Route } from "@/app/api/routes";
import { createToken } from "@/lib/domain/token/create";
import { errorBody } from "@/lib/http/errors";
import { openfnErrorBody } from "@/lib/http/openfn-errors";
import { type TokenScope, tokenScopes } from "@/lib/words";
import { testDatabase } from "./database";
import { createTestProject, createTestUser, userContextFor } from "./fixtures";

testDatabase();
const routes = (await loadRoutes()).filter((route) => route.handler.declaration.access !== "public");
const document = await apiDocument();
const name = ({ method, path }: Route) => `${method} ${path}`;

/** Every set of scopes that a token can have, and none, which no token has. */
const sets = Array.from({ length: 2 ** tokenScopes.length }, (_, bits) =>
  tokenScopes.filter((_, i) => bits & (1 << i)),
);

let projectId: string;
let tokens: Map<string, string>;

beforeAll(async () => {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  projectId = project.id;
  tokens = new Map();
  for (const scopes of sets.filter((set) => set.length > 0)) {
    const { token } = await createToken(userContextFor(owner), { name: scopes.join(" "), scopes });
    tokens.set(scopes.join(" "), token);
  }
});

const nothing = "01900000-0000-7000-8000-000000000000";

function call(route: Route, scopes: TokenScope[]): Promise<Response> {
  const end = new AbortController();
  const request = new NextRequest("http://127.0.0.1/api", {
    method: route.method,
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${tokens.get(scopes.join(" ")) ?? ""}`,
    },
    signal: end.signal,
    ...(route.method === "GET" ? {} : { body: "[]" }),
  });
  const names = [...route.path.matchAll(/\[(\w+)\]/g)].map(([, param = ""]) => param);
  const params = Object.fromEntries(names.map((one) => [one, one === "project" ? projectId : nothing]));
  const answer = route.handler(request, { params: Promise.resolve(params) });
  return answer.finally(() => end.abort());
}

/** The scope that a refusal says is missing; OpenFn's errors have a sentence for it. */
async function missing({ handler }: Route, response: Response): Promise<unknown> {
  if (response.status !== 403) return undefined;
  const body: unknown = await response.json();
  if (handler.declaration.errorShape !== "openfn") return errorBody.parse(body).error.details?.scope;
  const said = openfnErrorBody.parse(body);
  return /lacks the scope "(\w+)"/.exec(("message" in said && said.message) || "")?.slice(1);
}

describe("a token calls what its scopes name, and is told what it lacks", () => {
  test.each(routes.map((route) => [name(route), route] as const))("%s", async (_, route) => {
    const { declaration } = route.handler;
    if (declaration.access === "public") throw new Error("unreachable");
    for (const scopes of sets.filter((set) => set.length > 0)) {
      const isAllowed = declaration.scope !== "browser" && scopes.includes(declaration.scope);
      const said = await missing(route, await call(route, scopes));
      expect([scopes, said]).toEqual([scopes, isAllowed ? undefined : [declaration.scope]]);
    }
  });
});

test("the document says the same", () => {
  for (const route of routes) {
    const { declaration } = route.handler;
    if (declaration.access === "public") throw new Error("unreachable");
    const path = route.path.replace(/\[(\w+)\]/g, "{$1}");
    const browser = { session: [] };
    expect([name(route), document.paths[path]?.[route.method.toLowerCase()]?.security]).toEqual([
      name(route),
      declaration.scope === "browser" ? [browser] : [{ token: [declaration.scope] }, browser],
    ]);
  }
});

test("what reads changes nothing, and what no token may ever do names no scope", () => {
  const reads = routes.filter(
    ({ handler: { declaration } }) => declaration.access !== "public" && declaration.scope === "read",
  );
  expect(reads.filter((route) => route.method !== "GET").map(name)).toEqual([]);
  const scopeOf = Object.fromEntries(
    routes.map((route) => [
      name(route),
      "scope" in route.handler.declaration ? route.handler.declaration.scope : undefined,
    ]),
  );
  for (const forbidden of [
    "GET /api/account/credentials/[credential]",
    "GET /api/projects/[project]/auth-methods/[method]/secret",
    "DELETE /api/projects/[project]",
    ...routes.map(name).filter((one) => /\/account\/(sessions|tokens|password|second-factor)/.test(one)),
  ])
    expect([forbidden, scopeOf[forbidden]]).toEqual([forbidden, "browser"]);
});
