import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiMethods } from "@/lib/http/api-methods";
import { connectRunner } from "@/lib/runner/client";
import type { Runner } from "@/lib/runner/contract";
import { stepRequest, type TestServer, testServer } from "@/lib/runner/testing/local-runner";
import { build } from "./build.mjs";
import { inRoot, socketPath } from "./paths.mjs";
import { secrets } from "./secrets.mjs";
import { startThrowAway } from "./throw-away.mjs";

let server: Awaited<ReturnType<typeof startThrowAway>>;
let runner: Runner;
let neighbour: TestServer;
beforeAll(async () => {
  await build();
  server = await startThrowAway({ env: { EGRESS_ALLOW: "127.0.0.1,localhost,0.0.0.0,::1,10.0.0.0/8" } });
  const token = secrets(server.dataDir, {}).RUNNER_TOKEN;
  runner = connectRunner({ url: `unix:${socketPath(server.dataDir, "runner")}`, token });
  neighbour = await testServer();
}, 600_000);
afterAll(async () => {
  await neighbour.close();
  await server.stop();
});

const get = (url: string) =>
  runner.runStep(stepRequest(`get(${JSON.stringify(url)}, { parseAs: "text" })`, { http: true }), () => {});

describe("jobs, with the README's own exception for this machine", () => {
  it("reach a neighbour's port", async () => {
    expect(await get(`${neighbour.url}/json`)).toMatchObject({ reason: "success" });
  });

  it("reach neither the web server nor the database, whatever they call them", async () => {
    const ports = { web: new URL(server.url).port, database: new URL(server.databaseUrl).port };
    for (const host of ["127.0.0.1", "localhost", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"])
      for (const [what, port] of Object.entries(ports)) {
        const { reason, connections } = await get(`http://${host}:${port}/mail`);
        expect(reason, `${what} ${host}`).toBe("fail");
        expect(connections, `${what} ${host}`).toMatchObject([
          { address: null, refused: expect.stringContaining("what Waybill itself runs on") },
        ]);
      }
  });
});

/** The status of a request to our own server with these headers. */
const status = (path: string, headers: Record<string, string> = {}) =>
  new Promise<number | undefined>((resolve, reject) => {
    const request = http.get(`${server.url}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once("error", reject);
  });

describe("the local mail page", () => {
  const printed = () => /Mail +http:\/\/127\.0\.0\.1:\d+(\/mail\/[\w-]{20,})/.exec(server.log())?.[1] ?? "";

  it("is where the start says, and nowhere else", async () => {
    expect(printed()).not.toBe("");
    expect(await status(printed())).toBe(200);
    for (const path of ["/mail", "/mail/", "/mail/x", `${printed()}x`, `${printed()}/x`])
      expect(await status(path), path).not.toBe(200);
  });

  it.each([
    ["forwarded", "for=127.0.0.1;host=127.0.0.1"],
    ["x-forwarded-for", "127.0.0.1"],
    ["x-forwarded-host", "127.0.0.1"],
    ["x-real-ip", "127.0.0.1"],
    ["via", "1.1 proxy"],
    ["host", "waybill.example.org"],
  ])("is not there for a request with %s, nor for one that says it has none", async (name, value) => {
    const claims = { "x-waybill-forwarded": "no", "x-waybill-peer": "127.0.0.1" };
    expect(await status(printed(), { ...claims, [name]: value })).toBe(404);
  });
});

/** Every page's path, with something in the place of its ids. */
const pages = fs
  .readdirSync(inRoot("app"), { recursive: true, encoding: "utf8" })
  .filter((file) => path.basename(file) === "page.tsx")
  .map((file) => `/${path.dirname(file).split(path.sep).join("/")}`)
  .map((page) => page.replaceAll(/\/(\([^)]*\)|\.)/g, "").replaceAll(/\[[^\]]*\]/g, "x") || "/");

/** What answers besides pages and declared routes. */
const others: [method: string, path: string][] = [
  ["GET", "/nowhere"],
  ["HEAD", "/sign-in"],
  ["GET", "/icon.svg"],
  ["GET", "/_next/static/nothing.js"],
  ["GET", "/_next/image?url=/nothing.png&w=64&q=75"],
  ["GET", "/api/nothing"],
  ["PUT", "/api/health"],
  ["GET", "/api/auth/csrf"],
  ["GET", "/api/auth/callback/nobody"],
  ["GET", "/api/inngest"],
  ["GET", "/i/x"],
  ["POST", "/i/00000000-0000-4000-8000-000000000000"],
  ["DELETE", "/i/x"],
  ["OPTIONS", "/i/x"],
  ["GET", "/edge/i/x"],
  ["GET", "/%"],
  ["GET", "/p/%00/inbox"],
];
const routes = Object.entries(apiMethods).flatMap(([route, methods]) =>
  methods.map((method): [string, string] => [method, route.replaceAll(/\[[^\]]*\]/g, "x")]),
);

const answerTo = (method: string, at: string) =>
  new Promise<http.IncomingHttpHeaders>((resolve, reject) => {
    const request = http.request(`${server.url}${at}`, { method }, (response) => {
      resolve(response.headers);
      response.destroy();
    });
    request.once("error", reject);
    request.end();
  });

describe("every answer says what a browser may do with it", () => {
  it("walks pages, routes and whatever else answers", () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(routes.length).toBeGreaterThan(30);
  });

  it.each([...pages.map((page): [string, string] => ["GET", page]), ...routes, ...others])(
    "%s %s",
    async (method, at) => {
      const headers = await answerTo(method, at);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": expect.stringContaining("camera=()"),
        "referrer-policy": expect.stringMatching(/^(same-origin|no-referrer)$/),
        "content-security-policy": expect.stringMatching(
          /^default-src '(self|none)'.*frame-ancestors 'none'/,
        ),
        "cross-origin-resource-policy": /^\/(i|edge)\//.test(at) ? "cross-origin" : "same-origin",
      });
      expect(headers).not.toHaveProperty("strict-transport-security");
      expect(headers).not.toHaveProperty("x-powered-by");
    },
  );

  it("takes no header away that a route sends", async () => {
    expect((await answerTo("GET", "/api/auth/csrf"))["set-cookie"]).toHaveLength(2);
  });

  it("has a nonce of its own for each page, whatever policy the request brings", async () => {
    const nonces = new Set<string | undefined>();
    for (let i = 0; i < 3; i++) {
      const page = await fetch(`${server.url}/sign-in`, {
        headers: { "content-security-policy": "script-src 'nonce-ofsomebodyelse00'" },
      });
      const nonce = /'nonce-([^']+)'/.exec(page.headers.get("content-security-policy") ?? "")?.[1];
      nonces.add(nonce);
      const scripts = (await page.text()).match(/<script\b[^>]*>/g) ?? [];
      expect(scripts.length).toBeGreaterThan(3);
      for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
    }
    expect(nonces.size).toBe(3);
  });
});
