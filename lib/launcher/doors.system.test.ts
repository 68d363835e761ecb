import http from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRunner } from "@/lib/runner/client";
import type { Runner } from "@/lib/runner/contract";
import { stepRequest, type TestServer, testServer } from "@/lib/runner/testing/local-runner";
import { build } from "./build.mjs";
import { socketPath } from "./paths.mjs";
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
