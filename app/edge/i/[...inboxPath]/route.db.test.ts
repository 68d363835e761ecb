import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import * as node from "@/app/i/[...path]/route";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { parseEnv } from "@/lib/env";
import { edgeInboxHost } from "@/lib/inbox/edge-host";
import { testDatabase } from "@/lib/testing/database";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { inboxCases } from "@/lib/testing/inbox-cases";
import { type NeonBridge, startNeonBridge } from "@/lib/testing/neon-bridge";
import { storedMessage } from "@/lib/testing/stored-message";
import * as edge from "./route";

testDatabase();
let bridge: NeonBridge;
let inboxId: string;

beforeAll(async () => {
  bridge = await startNeonBridge(inject("databaseUrl"));
  process.env.EDGE_DATABASE_FETCH_URL = bridge.fetchEndpoint;
  inboxId = (await createTestProject()).inboxId;
});
afterAll(() => bridge?.close());
afterEach(() => {
  bridge.isDown = false;
});

const post = (way: "i" | "edge/i", path: string, init: RequestInit) =>
  (way === "i" ? node : edge).POST(
    new Request(`http://127.0.0.1/${way}/${inboxId}${path}`, { method: "POST", ...init }),
  );

describe("the inbox over Neon's SQL over HTTP", () => {
  test.each(inboxCases.map((one) => [one.name, one] as const))("keeps %s as over TCP", async (_, one) => {
    const init = { headers: one.headers, body: one.body };
    const responses = [await post("i", one.path ?? "", init), await post("edge/i", one.path ?? "", init)];
    expect(responses.map((response) => response.status)).toEqual([202, 202]);
    const [tcp, http] = await Promise.all(
      responses.map((response) => storedMessage(response.headers.get("x-meta-message-id"))),
    );
    expect(http).toEqual(tcp);
  });

  test("redacts as over TCP", async () => {
    const project = await createTestProject();
    const redactions = [{ path: "$.data.patient.name" }, { path: "$.request.headers['x-patient']" }];
    await testDatabase().query("update projects set redactions = $2 where id = $1", [
      project.id,
      JSON.stringify(redactions),
    ]);
    const both = async (type: string, body: string) => {
      const init = { method: "POST", headers: { "content-type": type, "x-patient": "Amina Diallo" }, body };
      return [
        await node.POST(new Request(`http://127.0.0.1/i/${project.inboxId}`, init)),
        await edge.POST(new Request(`http://127.0.0.1/edge/i/${project.inboxId}`, init)),
      ];
    };
    for (const [type, body] of [
      ["application/json", '{"patient":{"name":"Amina Diallo"}}'],
      ["text/xml", "<patient><name>Amina Diallo</name></patient>"],
    ] as const) {
      const responses = await both(type, body);
      expect(responses.map(({ status }) => status)).toEqual([202, 202]);
      const [tcp, http] = await Promise.all(
        responses.map((response) => storedMessage(response.headers.get("x-meta-message-id"))),
      );
      expect(http).toEqual(tcp);
      expect(JSON.stringify(http)).toContain("redacted:");
    }
    expect((await both("text/plain", "Amina Diallo")).map(({ status }) => status)).toEqual([415, 415]);
  });

  test("verifies signatures as over TCP", async () => {
    const owner = await createTestUser();
    const project = await createTestProject({ owner });
    const ctx = contextFor(owner, project);
    await createAuthMethod(ctx, { type: "hmac", name: "gh", secret: "topsecret-hmac", onInbox: true });
    const body = '{ "n": 1.0 }';
    const signature = createHmac("sha256", "topsecret-hmac").update(body).digest("hex");
    const statuses = async (signed: Record<string, string>) => {
      const init = { method: "POST", headers: signed, body };
      const responses = [
        await node.POST(new Request(`http://127.0.0.1/i/${project.inboxId}`, init)),
        await edge.POST(new Request(`http://127.0.0.1/edge/i/${project.inboxId}`, init)),
      ];
      return responses.map((response) => response.status);
    };
    expect(await statuses({ "x-hub-signature-256": `sha256=${signature}` })).toEqual([202, 202]);
    expect(await statuses({ "x-hub-signature-256": `sha256=${signature.replace(/^./, "x")}` })).toEqual([
      404, 404,
    ]);
    expect(await statuses({})).toEqual([401, 401]);
  });

  test("recognises a delivery that came over TCP before, and the other way round", async () => {
    for (const ways of [["i", "edge/i"] as const, ["edge/i", "i"] as const]) {
      const init = { headers: { "idempotency-key": ways.join() }, body: "{}" };
      const [first, again] = [
        await post(ways[0], "/a b?x=%20", init),
        await post(ways[1], "/a b?x=%20", init),
      ];
      expect([first.status, again.status]).toEqual([202, 202]);
      expect(await again.text()).toBe(await first.text());
      expect([first, again].map(({ headers }) => headers.get("x-waybill-repeat"))).toEqual([null, "1"]);
    }
  });

  const stub = () => {
    throw new Error("A Node.js API is used which is not supported in the Edge Runtime.");
  };
  test.each([undefined, stub])("reads gzip where the platform cannot (%s)", async (missing) => {
    vi.stubGlobal("DecompressionStream", missing);
    const gzip = Uint8Array.from(gzipSync('{"zipped":true}'));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const response = await post("edge/i", "", { headers, body: gzip });
    vi.unstubAllGlobals();
    const stored = await storedMessage(response.headers.get("x-meta-message-id"));
    expect([stored.format, stored.view]).toEqual(["json", { zipped: true }]);
  });

  test("does not keep the parameter that Next adds to the query", async () => {
    const response = await post("edge/i", "?path=own&inboxPath=a&inboxPath=b", { body: "x" });
    const stored = await storedMessage(response.headers.get("x-meta-message-id"));
    expect(stored.query).toEqual({ path: "own" });
  });

  test("rides out a short outage and stores the message once", async () => {
    bridge.isDown = true;
    setTimeout(() => {
      bridge.isDown = false;
    }, 200);
    const response = await post("edge/i", "", { body: "after the outage" });
    expect(response.status).toBe(202);
    const rows = await testDatabase().query("select 1 from messages where preview = 'after the outage'");
    expect(rows).toHaveLength(1);
  });

  test("says 503 with the time to wait in a long one", async () => {
    bridge.isDown = true;
    const response = await post("edge/i", "", { body: "never" });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  });
});

describe("which database the edge inbox talks to", () => {
  const environment = (values: Record<string, string>) => parseEnv({ SECRET_KEY: "x".repeat(40), ...values });

  test("it is off for one that does not speak HTTP: nobody is sent its password", async () => {
    expect(
      await edgeInboxHost(environment({ DATABASE_URL: "postgresql://u:p@db.example.org/x" })),
    ).toBeNull();
    expect(await edgeInboxHost(environment({}))).toBeNull();
  });

  test("it is Neon's, or the one that EDGE_DATABASE_FETCH_URL names", async () => {
    const onNeon = environment({ DATABASE_URL: "postgresql://u:p@ep-1.eu.aws.neon.tech/x" });
    expect(await edgeInboxHost(onNeon)).not.toBeNull();
    const elsewhere = {
      DATABASE_URL: "postgresql://u:p@db.example.org/x",
      EDGE_DATABASE_FETCH_URL: bridge.fetchEndpoint,
    };
    expect(await edgeInboxHost(environment(elsewhere))).not.toBeNull();
  });
});
