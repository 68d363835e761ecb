/// <reference types="vite/client" />
import fs from "node:fs";
import path from "node:path";
import { NextRequest } from "next/server";
import { beforeAll, describe, expect, test } from "vitest";
import { readCookie, sessionCookieName, sessionIdOf } from "@/lib/auth/cookie";
import { removeMember } from "@/lib/domain/member/remove";
import { createProjectToken } from "@/lib/domain/project-token/create";
import { resolveSession } from "@/lib/domain/session/resolve";
import { createToken } from "@/lib/domain/token/create";
import type { RouteHandler } from "@/lib/http/route";
import { tokenScopes } from "@/lib/words";
import { createWorld, signedIn, type World } from "./api/world";
import { testDatabase } from "./database";
import { addTestMember, contextFor, createTestProject, createTestUser, userContextFor } from "./fixtures";
import { sources } from "./guards/sources";
import { createFactor } from "./second-factor";
import { rowsOf } from "./tenant-rows";

testDatabase();
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof methods)[number];

/** Not declared with the wrappers of lib/http/route.ts: each has its own check and its own tests. */
const byHand = new Set([
  "app/api/auth/[...nextauth]/route.ts",
  "app/api/inngest/route.ts",
  "app/api/[[...unknown]]/route.ts",
]);

const files = fs
  .readdirSync("app/api", { recursive: true, encoding: "utf8" })
  .map((file) => path.join("app/api", file))
  .filter((file) => file.endsWith("route.ts") && !byHand.has(file));

const modules = import.meta.glob<Partial<Record<Method, RouteHandler>>>("/app/api/**/route.ts");

const routes = (
  await Promise.all(
    files.map(async (file) => {
      const load = modules[`/${file}`];
      if (!load) throw new Error(`${file} is not in the glob`);
      const module = await load();
      return methods.flatMap((method) => {
        const handler = module[method];
        return handler ? [{ file, method, handler }] : [];
      });
    }),
  )
).flat();

let project: { id: string };
let strangersToken: string;

beforeAll(async () => {
  project = await createTestProject();
  const stranger = await createTestUser();
  strangersToken = (await createToken(userContextFor(stranger), { name: "stranger" })).token;
});

const id = "01900000-0000-7000-8000-000000000000";

function call(route: (typeof routes)[number], headers: Record<string, string>) {
  const segments = [...route.file.matchAll(/\[(\w+)\]/g)].map((m) => m[1] ?? "");
  const params = Object.fromEntries(segments.map((name) => [name, name === "project" ? project.id : id]));
  return callWith(route, headers, params);
}

function callWith(
  route: (typeof routes)[number],
  headers: Record<string, string>,
  params: Record<string, string>,
  body: unknown = {},
) {
  const request = new NextRequest("http://127.0.0.1/api", {
    method: route.method,
    headers: { "content-type": "application/json", ...headers },
    ...(route.method === "GET" ? {} : { body: JSON.stringify(body) }),
  });
  return route.handler(request, { params: Promise.resolve(params) });
}

const ofProjects = routes.filter((route) => route.file.includes("[project]"));
const label = (route: (typeof routes)[number]) =>
  `${route.method} ${route.file.slice("app".length, -"/route.ts".length)}`;

test("every route is declared with a wrapper", () => {
  expect(routes.filter((route) => !route.handler.declaration).map(label)).toEqual([]);
  expect(ofProjects.length).toBeGreaterThan(15);
});

describe("under somebody else's project", () => {
  test.each(ofProjects.map((route) => [label(route), route] as const))(
    "%s is 404 for a stranger",
    async (_, route) => {
      expect((await call(route, { authorization: `Bearer ${strangersToken}` })).status).toBe(404);
    },
  );

  test.each(ofProjects.map((route) => [label(route), route] as const))(
    "%s is 401 for nobody",
    async (_, route) => {
      expect((await call(route, {})).status).toBe(401);
    },
  );

  /** Tokens that are good, but not here: whom each is of, and what it may be used for. */
  const tokenKinds: Record<string, () => Promise<string>> = {
    "a member's, for other projects": async () => {
      const owner = await createTestUser();
      project = await createTestProject({ owner });
      const others = [await createTestProject({ owner }), await createTestProject({ owner })];
      const projectIds = others.map(({ id }) => id);
      return (await createToken(userContextFor(owner), { name: "elsewhere", projectIds })).token;
    },
    "a removed member's, for this project": async () => {
      const owner = await createTestUser();
      const theirs = await createTestProject({ owner });
      project = theirs;
      const member = await addTestMember(theirs, "admin");
      const { token } = await createToken(userContextFor(member), { name: "mine", projectIds: [theirs.id] });
      await removeMember(contextFor(owner, theirs), { userId: member.id });
      return token;
    },
    "another project's own": async () => {
      const owner = await createTestUser();
      project = await createTestProject({ owner });
      const ctx = contextFor(owner, await createTestProject({ owner }));
      return (await createProjectToken(ctx, { name: "elsewhere", scopes: [...tokenScopes] })).token;
    },
  };
  describe.each(Object.entries(tokenKinds))("with a token: %s", (_, make) => {
    let token: string;
    beforeAll(async () => {
      token = await make();
    });
    test.each(ofProjects.map((route) => [label(route), route] as const))("%s is 404", async (_, route) => {
      expect((await call(route, { authorization: `Bearer ${token}` })).status).toBe(404);
    });
  });

  test("every route names the permission it needs", () => {
    expect(ofProjects.filter((route) => !("permission" in route.handler.declaration)).map(label)).toEqual([]);
  });
});

describe("a sign-in that waits for its second factor", () => {
  const closed = routes.filter((route) => route.handler.declaration.access !== "public");
  let half: Record<string, string>;

  beforeAll(async () => {
    const { user } = await createFactor();
    project = await createTestProject({ owner: user });
    half = await signedIn(user);
  });

  test.each(closed.map((route) => [label(route), route] as const))("%s is 401", async (_, route) => {
    expect((await call(route, half)).status).toBe(401);
  });

  test("shows no page: each asks for the user with the same function", async () => {
    const sessionId = await sessionIdOf(readCookie(half.cookie ?? "", sessionCookieName()));
    expect(await resolveSession(testDatabase().db, sessionId ?? "")).toBeUndefined();
    const askers = sources(["app", "components", "lib"])
      .filter(({ text }) => /\b(resolveSession|resolveHalfSession)\(/.test(text))
      .map(({ file }) => file);
    expect(askers.sort()).toEqual([
      "lib/auth/context.ts",
      "lib/auth/options.ts",
      "lib/domain/session/complete.ts",
      "lib/domain/session/resolve.ts",
    ]);
  });
});

/** What stands for the last id of a path: what it names, by the folder before it. */
const thingsByFolder: Record<string, string> = {
  "oauth-clients": "client",
  "auth-methods": "method",
  "bulk-acts": "bulkAct",
  channels: "channel",
  collections: "collection",
  credentials: "projectCredential",
  dataclips: "dataclip",
  invitations: "invitation",
  issues: "issue",
  jobs: "job",
  keychains: "keychain",
  library: "entry",
  members: "viewer",
  messages: "message",
  "notice-channels": "channel",
  notices: "notice",
  refused: "refused",
  persons: "person",
  certificates: "certificate",
  runs: "run",
  steps: "step",
  tokens: "projectToken",
  "work-orders": "rejectedOrder",
  workflows: "workflow",
  work_orders: "order",
};

/** Bodies that are taken, where `{}` is not. */
const bodies: Record<string, unknown> = {
  "POST /api/projects/[project]/collections": { name: "mine" },
  "PATCH /api/projects/[project]/collections/[collection]": { name: "mine" },
  "PUT /api/projects/[project]/jobs/[job]/adaptor": { adaptor: "@openfn/language-common@latest" },
  "POST /api/projects/[project]/certificates/[certificate]/check": { key: { text: "Amina" } },
  "POST /api/projects/[project]/persons/[person]/wipe": { reason: "They asked for it" },
  "PUT /api/projects/[project]/auth-methods/[method]/secret": { oldEndsAt: null },
  "PATCH /api/projects/[project]/auth-methods/[method]/secret": { oldEndsAt: null },
  "PATCH /api/projects/[project]/dataclips/[id]": { name: "mine" },
  "POST /api/projects/[project]/library/[entry]/jobs": {
    workflowId: "01900000-0000-7000-8000-000000000000",
    jobId: "01900000-0000-7000-8000-000000000000",
  },
  "POST /api/projects/[project]/library/[entry]/take-over": { workflows: "all" },
  "POST /api/projects/[project]/library/[entry]/versions": { version: 1, body: "fn(s => s)" },
  "POST /api/projects/[project]/workflows/[id]/versions/[version]/restore": { lockVersion: 1 },
  "POST /api/projects/[project]/workflows/[id]/jobs/[job]/repair": { lockVersion: 1, body: "fn(s => s)" },
  "POST /api/projects/[project]/workflows/[id]/draft/promote": { revision: 1, lockVersion: 1 },
  "PUT /api/projects/[project]/workflows/[id]/enabled": { lockVersion: 1, enabled: true },
  "PUT /api/projects/[project]/workflows/[id]/name": { lockVersion: 1, name: "mine" },
  "PUT /api/projects/[project]/workflows/[id]/draft": {
    revision: null,
    baseVersion: 1,
    graph: { name: "mine", triggers: [], jobs: [], edges: [] },
  },
  "POST /api/projects/[project]/workflows/[id]/draft/replay": {
    revision: 1,
    messageIds: ["01900000-0000-7000-8000-000000000000"],
  },
  "POST /api/projects/[project]/workflows/[id]/draft/tests": {
    revision: 1,
    mode: "record",
    start: { jobId: "01900000-0000-7000-8000-000000000000" },
  },
  "PATCH /api/projects/[project]/issues/[id]": { state: "resolved" },
  "PATCH /api/projects/[project]/members/[user]": { role: "editor" },
  "POST /api/projects/[project]/messages/[id]/read-as": { format: "text" },
  "POST /api/projects/[project]/messages/[id]/resend": { body: "{}" },
  "POST /api/projects/[project]/messages/[id]/reveal": { reason: "A question of the clinic" },
  "POST /api/projects/[project]/runs/[id]/reveal": { reason: "A question of the clinic" },
  "PUT /api/projects/[project]/workflows/[id]": {
    name: "mine",
    lockVersion: 1,
    triggers: [],
    jobs: [],
    edges: [],
  },
};

/** Further ids in a path, of nothing; a version is a number. */
const others = (route: (typeof routes)[number]) =>
  Object.fromEntries(
    [...route.file.matchAll(/\[(\w+)\]/g)].map(([, name = ""]) => [name, name === "version" ? "1" : id]),
  );

describe("in a project of one's own, with an id of somebody else's", () => {
  const withIds = ofProjects.filter((route) => /\[project\].*\[/.test(route.file));
  let mine: World;
  let theirs: World;

  beforeAll(async () => {
    mine = await createWorld();
    theirs = await createWorld();
  });

  test.each(withIds.map((route) => [label(route), route] as const))("%s is 404", async (name, route) => {
    const [, folder = "", segment = ""] =
      /\[project\]\/(?:[\w-]+\/)*?([\w-]+)\/\[(\w+)\]/.exec(route.file) ?? [];
    const thing = theirs.things[thingsByFolder[folder] ?? ""];
    expect(thing, `what ${folder} are of`).toBeDefined();
    const before = await rowsOf(theirs.things.project ?? "");
    const answer = await callWith(
      route,
      // In a browser, which may call every route.
      mine.as.session,
      { ...others(route), project: mine.things.project ?? "", [segment]: thing ?? "" },
      bodies[name],
    );
    expect(answer.status).toBe(404);
    expect(await rowsOf(theirs.things.project ?? "")).toEqual(before);
  });
});
