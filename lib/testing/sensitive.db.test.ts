import { eq } from "drizzle-orm";
import { NextRequest } from "next/server";
import { beforeAll, describe, expect, test } from "vitest";
import { loadRoutes, type Route } from "@/app/api/routes";
import { sessions } from "@/db/schema";
import { readCookie, sessionCookieName, sessionIdOf } from "@/lib/auth/cookie";
import { keepAll } from "@/lib/domain/retention/settings";
import { createToken } from "@/lib/domain/token/create";
import { errorBody } from "@/lib/http/errors";
import { recentMinutes, type SensitiveAct, sensitiveActs } from "@/lib/http/sensitive";
import { createWorld, signedIn, type World } from "./api/world";
import { testDatabase } from "./database";
import { userContextFor } from "./fixtures";
import { rowsOf } from "./tenant-rows";

const { db } = testDatabase();
const routes = await loadRoutes();
const name = ({ method, path }: Route) => `${method} ${path}`;
const acts = Object.keys(sensitiveActs) as SensitiveAct[];

const declared = routes.flatMap((route) =>
  (route.handler.declaration.sensitive ?? []).map((rule) => ({
    route,
    act: typeof rule === "string" ? rule : rule.act,
  })),
);

/** A body with which the route does the act; markers stand for things of the world. */
const bodies: Record<SensitiveAct, (things: World["things"]) => unknown> = {
  "account.delete": () => ({ confirmEmail: "somebody@example.org" }),
  "account.password": () => ({ next: "correct horse battery staple" }),
  "second_factor.set_up": () => ({ code: "123456" }),
  "second_factor.remove": () => ({ code: "123456" }),
  "second_factor.renew_backup_codes": () => undefined,
  "token.create": () => ({ name: "new" }),
  "project_token.create": () => ({ name: "new", scopes: ["read"] }),
  "credential.create": () => ({ name: "new", body: {} }),
  "credential.read": () => undefined,
  "credential.replace": () => ({ body: { a: 1 } }),
  "credential.hosts": () => ({ allowedHosts: null }),
  "credential.connect": () => ({ name: "new" }),
  "oauth_client.create": () => ({ name: "new", provider: "google", clientId: "a", clientSecret: "b" }),
  "oauth_client.update": () => ({ clientSecret: "another" }),
  "credential.transfer": ({ credential, adminEmail }) => ({ credentialId: credential, email: adminEmail }),
  "auth_method.create": () => ({ type: "api", name: "new" }),
  "auth_method.replace": () => ({ secret: "another-secret", oldEndsAt: null }),
  "auth_method.reveal": () => undefined,
  "project.second_factor": () => ({ requireSecondFactor: false }),
  "project.retention": () => ({ retention: keepAll, persistence: "erase_all" }),
  "project.delete": ({ projectName }) => ({ confirmName: projectName }),
  "project.transfer": ({ viewer }) => ({ userId: viewer }),
  "member.make_admin": () => ({ role: "admin" }),
  "invitation.admin": () => ({ email: "new@example.org", role: "admin" }),
  "person.wipe": () => ({ reason: "They asked for it" }),
};

/** Bodies of the same routes that do not do the act. */
const harmless: Partial<Record<SensitiveAct, unknown>> = {
  "project.second_factor": { description: "Another" },
  "credential.replace": { name: "Another name" },
  "credential.hosts": { name: "Another name" },
  "member.make_admin": { role: "editor" },
  "invitation.admin": { email: "other@example.org", role: "viewer" },
};

let world: World;
let old: Record<string, string>;
let token: Record<string, string>;

/** A world anew, with an old sign-in and a token of its owner. */
async function begin(): Promise<void> {
  world = await createWorld();
  const owner = { id: world.things.owner ?? "", email: "owner@example.org" };
  old = await signedIn(owner);
  const id = await sessionIdOf(readCookie(old.cookie ?? "", sessionCookieName()));
  await db
    .update(sessions)
    .set({ authenticatedAt: new Date(Date.now() - (recentMinutes * 60_000 + 1000)) })
    .where(eq(sessions.id, id ?? ""));
  token = { authorization: `Bearer ${(await createToken(userContextFor(owner), { name: "all" })).token}` };
}

beforeAll(begin);

const ids: Record<string, string> = { user: "viewer" };

async function call(route: Route, headers: Record<string, string>, body: unknown) {
  const names = [...route.path.matchAll(/\[(\w+)\]/g)].map(([, param = ""]) => param);
  const params = Object.fromEntries(names.map((one) => [one, world.things[ids[one] ?? one] ?? ""]));
  const takesBody = route.method !== "GET" && route.handler.declaration.body;
  const request = new NextRequest("http://127.0.0.1/api", {
    method: route.method,
    headers: { "content-type": "application/json", ...headers },
    ...(takesBody ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  const response = await route.handler(request, { params: Promise.resolve(params) });
  const text = await response.text();
  const error = text.startsWith('{"error":') ? errorBody.parse(JSON.parse(text)).error : undefined;
  return { status: response.status, code: error?.code, details: error?.details };
}

test("the table and the declarations are one", () => {
  const inTable = acts.flatMap((act) => sensitiveActs[act].routes.map((route) => `${act}: ${route}`));
  expect(declared.map(({ act, route }) => `${act}: ${name(route)}`).sort()).toEqual(inTable.sort());
});

/** For browsers alone, and yet not sensitive: they show no secret, and take nothing that is not given back by signing in. */
const lookedAt = [
  // Ends what began with a recent sign-in, and answers nothing that is secret.
  "POST /api/account/connections",
  // Takes what is offered.
  "POST /api/account/credential-transfers/[transfer]/accept",
  "GET /api/account/reauthentication",
  "POST /api/account/reauthentication",
  "GET /api/account/second-factor",
  "GET /api/account/sessions",
  "DELETE /api/account/sessions",
  "DELETE /api/account/sessions/[session]",
  "GET /api/account/tokens",
  "DELETE /api/account/tokens/[token]",
  "POST /api/account/restore",
  "DELETE /api/projects/[project]/tokens/[token]",
  "GET /api/projects/[project]/tokens",
  "POST /api/projects/[project]/restore",
  // For a reason that stays on record: what somebody sees who was to see it masked, not what gives anybody more rights.
  "POST /api/projects/[project]/messages/[id]/reveal",
  "POST /api/projects/[project]/runs/[id]/reveal",
];

test("what no token may do is an act that needs a recent sign-in, or has been looked at", () => {
  const rest = routes.filter(({ handler: { declaration } }) => {
    const isBrowsers = declaration.access !== "public" && declaration.scope === "browser";
    return isBrowsers && !declaration.sensitive;
  });
  expect(rest.map(name).sort()).toEqual([...lookedAt].sort());
});

describe("an old sign-in is asked to show to be there, and nothing changes until then", () => {
  test.each(declared.map(({ act, route }) => [act, name(route), route] as const))(
    "%s: %s",
    async (act, _, route) => {
      const before = await rowsOf(world.things.project ?? "");
      const answer = await call(route, old, bodies[act](world.things));
      expect(answer).toMatchObject({ status: 403, code: "reauthenticate" });
      expect(sensitiveActs).toHaveProperty([String([answer.details?.act].flat()[0])]);
      expect(await rowsOf(world.things.project ?? "")).toEqual(before);
    },
  );
});

describe("a recent one is not asked", () => {
  test.each(declared.map(({ act, route }) => [act, name(route), route] as const))(
    "%s: %s",
    async (act, _, route) => {
      await begin();
      const answer = await call(route, world.as.session, bodies[act](world.things));
      expect(answer.code).not.toBe("reauthenticate");
      expect([200, 201, 204, 409, 422]).toContain(answer.status);
    },
  );
});

describe("a token does it only where the table says so", () => {
  test.each(declared.map(({ act, route }) => [act, name(route), route] as const))(
    "%s: %s",
    async (act, _, route) => {
      const answer = await call(route, token, bodies[act](world.things));
      const isRefused = answer.status === 403 && JSON.stringify(answer.details?.scope) === '["browser"]';
      expect(isRefused).toBe(!sensitiveActs[act].token);
    },
  );
});

describe("what is not the act needs nothing", () => {
  test.each(declared.filter(({ act }) => harmless[act]).map(({ act, route }) => [act, route] as const))(
    "%s",
    async (act, route) => {
      expect((await call(route, old, harmless[act])).code).not.toBe("reauthenticate");
    },
  );
});
