import { NextRequest } from "next/server";
import { afterAll } from "vitest";
import { apiDocument } from "@/app/api/document";
import { GET as getDocument } from "@/app/api/openapi.json/route";
import { loadRoutes, type Route } from "@/app/api/routes";
import { documentPath } from "@/lib/http/api-methods";
import type { Operation } from "@/lib/http/openapi-types";
import { testDatabase } from "@/lib/testing/database";
import { marker } from "./arbitrary";
import { type Example, examples } from "./examples";
import { startScriptedRunner } from "./runner";
import { startTokenServer } from "./token-server";
import type { Caller, World } from "./world";

/** Every route there is, called in a world as the document says. */

// Routes read the environment when they are loaded: what they reach is there before.
testDatabase();
afterAll(await startScriptedRunner());
afterAll(await startTokenServer());
export const document = await apiDocument();
export const routes: Route[] = [
  ...(await loadRoutes()),
  { path: documentPath, method: "GET", handler: getDocument },
];

/** What an id in a path stands for, where its name alone does not say it. */
const kinds: Record<string, string> = {
  "bulk-acts": "bulkAct",
  issues: "issue",
  "work-orders": "rejectedOrder",
  refused: "refused",
  messages: "message",
  provision: "project",
  dataclips: "dataclip",
  runs: "run",
  steps: "step",
  workflows: "workflow",
  user: "viewer",
};
/** Calls that act on something else than the usual, by operation. */
const special: Record<string, Record<string, string>> = {
  "DELETE /api/projects/[project]/credentials/[credential]": { credential: "projectCredential" },
  "POST /api/notices/stop/[token]": { token: "stopToken" },
  "DELETE /api/notices/stop/[token]": { token: "stopToken" },
  "POST /api/projects/[project]/bulk-acts/[id]/resume": { id: "pausedAct" },
  "DELETE /api/projects/[project]/library/[entry]": { entry: "unusedEntry" },
  "DELETE /api/projects/[project]/library/[entry]/jobs/[job]": { job: "second" },
  "POST /api/projects/[project]/restore": { project: "closing" },
  "POST /api/projects/[project]/runs/[id]/cancel": { id: "waitingRun" },
  "POST /api/projects/[project]/workflows/[id]/triggers/[trigger]/run": { trigger: "cron" },
  "DELETE /api/projects/[project]/tokens/[token]": { token: "projectToken" },
};

/** A call: markers stand for what they name in the world that it is made in. */
export type Input = {
  /** Headers of whoever is nobody. */
  proof: Record<string, string>;
  caller: Caller;
  params: Record<string, string>;
  query: [string, string][];
  body: unknown;
};

export const name = ({ method, path }: Route) => `${method} ${path}`;
export const operationOf = ({ method, path }: Route): Operation | undefined =>
  document.paths[path.replace(/\[(\w+)\]/g, "{$1}")]?.[method.toLowerCase()];

/** The id that belongs at this place of the path. */
export function usual(route: Route, param: string): string {
  const before = route.path.split("/")[route.path.split("/").indexOf(`[${param}]`) - 1] ?? "";
  return marker(
    special[name(route)]?.[param] ?? kinds[param] ?? (param === "id" ? (kinds[before] ?? param) : param),
  );
}

export const paramNames = (route: Route) =>
  [...route.path.matchAll(/\[(\w+)\]/g)].map(([, param = ""]) => param);

/** Markers become what they stand for in a world. */
const real = ({ things }: World, text: string): string =>
  text.startsWith("@") ? (things[text.slice(1)] ?? text) : text;

export const realDeep = (world: World, value: unknown): unknown =>
  value === undefined
    ? undefined
    : JSON.parse(JSON.stringify(value), (_, one) => (typeof one === "string" ? real(world, one) : one));

export async function call(
  world: World,
  route: Route,
  { caller, proof, params, query, body }: Input,
): Promise<Response> {
  const search = new URLSearchParams(query.map(([key, value]) => [key, real(world, value)]));
  const sent = route.method === "GET" ? undefined : realDeep(world, body);
  const end = new AbortController();
  const request = new NextRequest(`http://127.0.0.1/api?${search}`, {
    method: route.method,
    headers: { "content-type": "application/json", ...(caller === "nobody" ? proof : world.as[caller]) },
    signal: end.signal,
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  });
  const named = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, real(world, value)]));
  const response = await route.handler(request, { params: Promise.resolve(named) });
  // A stream is open for ever: what it says is tested in lib/live.
  if (response.headers.get("content-type") === "text/event-stream") end.abort();
  return response;
}

/** Succeeds with the given example; most routes need none. */
export function exampleOf(route: Route): Input {
  const { caller = usualCaller(route), query = {}, body }: Example = examples[name(route)] ?? {};
  const params = Object.fromEntries(paramNames(route).map((param) => [param, usual(route, param)]));
  return {
    caller,
    proof: {},
    params,
    query: Object.entries(query),
    body: body ?? (operationOf(route)?.requestBody ? {} : undefined),
  };
}

/** The owner, by token where one may. */
const usualCaller = ({ handler: { declaration } }: Route): Caller =>
  "scope" in declaration && declaration.scope === "browser" ? "session" : "owner";
