import { randomBytes } from "node:crypto";
import { NextRequest } from "next/server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { apiDocument } from "@/app/api/document";
import { loadRoutes, type Route } from "@/app/api/routes";
import { setProtection } from "@/lib/domain/mask/set";
import { examples } from "./api/examples";
import { startScriptedRunner } from "./api/runner";
import { type Caller, createWorld, type World } from "./api/world";
import { testDatabase } from "./database";
import { contextFor } from "./fixtures";

/**
 * Walks every route that there is, as those for whom a name is masked that the world has put wherever a message and its
 * jobs can put one. What the owner is told with the name in it, they are told without.
 */
testDatabase();
// It walks everything there is.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const stopRunner = await startScriptedRunner();
afterAll(stopRunner);
const routes = await loadRoutes();
const document = await apiDocument();

/** A word of letters, which nothing folds or takes for an id. */
const word = () => [...randomBytes(12)].map((byte) => "ghkmnpqrstvwxyz"[byte % 15]).join("");
/** Part of the name, which nothing else holds, and a name in which whatever has to be escaped or folded somewhere is. */
const token = word();
const name = `Zoë O'Brien & "Söns" <${token}> 50% é/ø`;
const other = word();

let world: World;
let ids: string[];

async function protect(change: { noDownloadRoles?: ("viewer" | "editor")[] } = {}) {
  const { owner = "", project = "", projectName = "" } = world.things;
  const ctx = contextFor({ id: owner, email: "owner@example.org" }, { id: project, name: projectName });
  await setProtection(ctx, {
    ...{ masks: ["$.patient.name"], maskedRoles: ["viewer", "editor"], revealRoles: ["viewer"] },
    ...{ noDownloadRoles: [], ...change },
  });
}

beforeAll(async () => {
  world = await createWorld(name);
  await protect();
  const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
  const found = Object.entries(world.things).filter(
    ([key, id]) => uuid.test(id) && !/^(closing|leaving|new)/.test(key),
  );
  ids = [...new Set(found.map(([, id]) => id))];
});

const label = ({ method, path }: Route) => `${method} ${path}`;
const idNames = ({ path }: Route) =>
  [...path.matchAll(/\[(\w+)\]/g)].map(([, one = ""]) => one).filter((one) => one !== "project");

/** Markers of an example as what they stand for. */
const real = (value: unknown): unknown =>
  value === undefined
    ? undefined
    : JSON.parse(JSON.stringify(value), (_, one) =>
        typeof one === "string" && one.startsWith("@") ? (world.things[one.slice(1)] ?? one) : one,
      );

type Asked = { query?: Record<string, string>; body?: unknown; id?: string };

async function call(route: Route, caller: Caller, { query = {}, body, id = "" }: Asked = {}) {
  const end = new AbortController();
  const search = new URLSearchParams(real(query) as Record<string, string>);
  const request = new NextRequest(`http://127.0.0.1/api?${search}`, {
    method: route.method,
    headers: { "content-type": "application/json", ...world.as[caller] },
    signal: end.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(real(body)) }),
  });
  const params = Object.fromEntries(idNames(route).map((one) => [one, one === "version" ? "1" : id]));
  const response = await route.handler(request, {
    params: Promise.resolve({ project: world.things.project ?? "", ...params }),
  });
  if (response.headers.get("content-type") === "text/event-stream") end.abort();
  const headers = JSON.stringify([...response.headers]);
  return { status: response.status, text: `${headers}\n${await response.text()}` };
}

const tells = ({ text }: { text: string }) => text.toLowerCase().includes(token);

/** The things that a route that reads is about, by what the owner is answered. */
const about = new Map<Route, Promise<string[]>>();
function thingsOf(route: Route): Promise<string[]> {
  const known = about.get(route) ?? findThings(route);
  about.set(route, known);
  return known;
}

async function findThings(route: Route): Promise<string[]> {
  if (idNames(route).length === 0) return [""];
  const { query } = examples[label(route)] ?? {};
  const found = [];
  for (const id of ids)
    if ((await call(route, "owner", { id, ...(query ? { query } : {}) })).status < 300) found.push(id);
  return found;
}

/** Every answer of a route that reads, about each of its things. */
async function readings(route: Route, caller: Caller, query: Record<string, string> = {}) {
  const { query: usual = {} } = examples[label(route)] ?? {};
  const answers = [];
  for (const id of await thingsOf(route))
    answers.push(await call(route, caller, { query: { ...usual, ...query }, id }));
  return answers;
}

const reads = routes.filter(({ method }) => method === "GET");

describe("what reads", () => {
  test("tells those for whom the name is masked nothing of it, whoever they are", async () => {
    const told: Record<string, boolean> = {};
    for (const route of reads) {
      const answers = await readings(route, "owner");
      told[label(route)] = answers.some(tells);
      for (const caller of ["viewer", "editor"] as const) {
        const leak = (await readings(route, caller)).find(tells);
        if (leak) throw new Error(`${label(route)} tells the ${caller}: ${leak.text.slice(0, 2_000)}`);
      }
    }
    // What the owner is told it in: were this empty, nothing would have been tested.
    const telling = Object.keys(told).filter((one) => told[one]);
    for (const path of [
      ...[
        "messages",
        "messages/[id]",
        "messages/[id]/body",
        "runs",
        "runs/[id]",
        "runs/export",
        "steps/[id]/input",
      ],
      ...[
        "steps/[id]/output",
        "steps/[id]/logs",
        "dataclips",
        "dataclips/[id]/body",
        "refused",
        "refused/[id]",
      ],
      ...["workflows/[id]/dataclips", "jobs/[job]/dataclips", "messages/[id]/rerun", "issues"],
    ])
      expect(telling).toContain(`GET /api/projects/[project]/${path}`);
  });

  /** Parameters by which something is found. */
  const searched = reads.flatMap((route) => {
    const operation = document.paths[route.path.replace(/\[(\w+)\]/g, "{$1}")]?.get;
    const found = (operation?.parameters ?? []).filter(({ name }) => name === "text" || name === "search");
    return found.map((parameter) => [label(route), route, parameter.name] as const);
  });

  test.each(searched)("%s finds by the name what it finds by any other", async (_, route, parameter) => {
    for (const caller of ["viewer", "editor"] as const) {
      const [by, without] = [
        await readings(route, caller, { [parameter]: token }),
        await readings(route, caller, { [parameter]: other }),
      ];
      expect(by).toEqual(without);
    }
  });

  test("the owner finds by the name", async () => {
    for (const path of ["messages", "runs", "dataclips"]) {
      const route = reads.find((one) => one.path === `/api/projects/[project]/${path}`);
      if (!route) throw new Error(path);
      expect((await readings(route, "owner", { text: token })).some(tells), path).toBe(true);
    }
  });
});

/** What takes one away from the project, or is about oneself alone. */
const isLast = ({ path, method }: Route) =>
  method === "DELETE" || /\/(leave|owner|reveal|members)\b/.test(path) || !path.includes("[project]");

describe("what changes", () => {
  test("answers an editor for whom the name is masked without it", async () => {
    const done: string[] = [];
    for (const route of routes.filter((one) => one.method !== "GET" && !isLast(one))) {
      const { body = {}, query } = examples[label(route)] ?? {};
      for (const id of idNames(route).length === 0 ? [""] : ids) {
        const answer = await call(route, "editor", { body, id, ...(query ? { query } : {}) });
        if (tells(answer)) throw new Error(`${label(route)} tells: ${answer.text.slice(0, 2_000)}`);
        if (answer.status >= 300) continue;
        done.push(label(route));
        break;
      }
    }
    for (const path of ["dry-run", "bulk-acts/preview", "bulk-acts", "messages/[id]/rerun"])
      expect(done).toContain(`POST /api/projects/[project]/${path}`);
    for (const path of ["resend", "read-as"])
      expect(done).not.toContain(`POST /api/projects/[project]/messages/[id]/${path}`);
  });

  test("a search chooses nothing for a bulk act", async () => {
    const route = routes.find((one) => label(one) === "POST /api/projects/[project]/bulk-acts/preview");
    if (!route) throw new Error("no preview");
    const of = { target: "messages", filter: { text: token } };
    expect((await call(route, "editor", { body: { kind: "rerun", of } })).status).toBe(403);
    expect((await call(route, "owner", { body: { kind: "rerun", of } })).status).toBe(200);
  });
});

describe("downloads", () => {
  const downloads = ["messages/[id]/body", "runs/export"].map((path) => `/api/projects/[project]/${path}`);

  test("are refused to roles that the project keeps from them, and to no others", async () => {
    await protect({ noDownloadRoles: ["editor"] });
    for (const path of downloads) {
      const route = reads.find((one) => one.path === path);
      if (!route) throw new Error(path);
      const statuses = async (caller: Caller) =>
        new Set((await readings(route, caller)).map(({ status }) => status));
      expect(await statuses("owner"), path).toContain(200);
      expect(await statuses("editor"), path).not.toContain(200);
    }
    await protect();
  });
});

describe("revealed", () => {
  test("it is told to that person in a browser, of that message alone, and the owner sees who and why", async () => {
    const at = (path: string, method = "GET") => {
      const route = routes.find((one) => label(one) === `${method} /api/projects/[project]/${path}`);
      if (!route) throw new Error(path);
      return route;
    };
    const { message = "", run = "", step = "", refused = "" } = world.things;
    const reason = "A question of the clinic";
    expect(
      (await call(at("messages/[id]/reveal", "POST"), "looking", { id: message, body: { reason } })).status,
    ).toBe(201);
    for (const [path, id] of [
      ["messages/[id]", message],
      ["messages/[id]/body", message],
      ["runs/[id]", run],
      ["steps/[id]/logs", step],
      ["steps/[id]/input", step],
    ] as const) {
      expect(tells(await call(at(path), "looking", { id })), path).toBe(true);
      expect(tells(await call(at(path), "viewer", { id })), path).toBe(false);
    }
    expect(tells(await call(at("refused/[id]"), "looking", { id: refused }))).toBe(false);
    const { text } = await call(at("messages/[id]"), "owner", { id: message });
    expect(text).toContain(reason);
    expect((await call(at("messages/[id]"), "viewer", { id: message })).text).not.toContain(reason);
  });
});
