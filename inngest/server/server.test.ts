import http from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest } from "inngest";
import { serve } from "inngest/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { runRequested } from "@/inngest/events";
import { rememberRarely } from "@/inngest/functions/remember";
import type { Remember } from "@/lib/execution/execute-run";
import type { Outcome } from "@/lib/execution/execute-step";
import { type ApiAnswer, apiOf } from "./api";
import { ServedFunctions } from "./functions";
import { serverProblem, takesEventKey } from "./health";
import { Invoker } from "./invoke";
import { Registration } from "./registration";
import { seedingFetch } from "./seeding-fetch";
import { EventSender } from "./send";
import { StandIn } from "./testing/stand-in";

const server = new StandIn();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const executed: string[] = [];
const runId = "01a2141f-d671-7d6c-ae39-2cdd2ad3af6e";
let app: http.Server;

const clientWith = (eventKey: string) =>
  new Inngest({
    id: "waybill",
    isDev: false,
    logger: silent,
    baseUrl: server.origin,
    signingKey: server.signingKey,
    eventKey,
    fetch: seedingFetch(fetch),
  });

/** The product's function for runs, of three steps. */
function functionsOf(client: Inngest.Any, { limit = 8, tells = false } = {}) {
  const executeRun = client.createFunction(
    {
      id: "execute-run",
      triggers: [runRequested],
      retries: 10,
      concurrency: [{ key: "event.data.projectId", limit }],
      checkpointing: { bufferedSteps: 100, maxRuntime: "1h" },
    },
    async ({ event, step }) => {
      const remember: Remember = (name, work) => step.run(name, work) as ReturnType<typeof work>;
      const own = tells ? remember : rememberRarely(remember);
      for (const name of ["0 A", "1 B", "2 C"]) await own(name, async () => ({}) as Outcome);
      executed.push(String(event.data.runId));
    },
  );
  return [executeRun];
}

let client: ReturnType<typeof clientWith>;
let served: ServedFunctions;
const serveOf = (options: Parameters<typeof functionsOf>[1] = {}) =>
  new ServedFunctions({
    client,
    load: async () => functionsOf(client, options),
    url: `http://127.0.0.1:${(app.address() as AddressInfo).port}/api/inngest`,
    signingKey: server.signingKey,
  });
const api = (path: string, body?: unknown): Promise<ApiAnswer> => apiOf(server)(path, body);

beforeAll(async () => {
  await server.start();
  client = clientWith(server.eventKey);
  app = http.createServer();
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  served = serveOf();
});
beforeEach(() => {
  server.forget();
  server.failsWith = null;
  server.takesInvocations = true;
  server.requests.length = 0;
  server.answers.length = 0;
  server.sent.length = 0;
  executed.length = 0;
  app.removeAllListeners("request").on("request", serve({ client, functions: functionsOf(client) }));
});
afterEach(() => {
  server.failsWith = null;
});
afterAll(async () => {
  await server.stop();
  app.close();
});

describe("a run", () => {
  it("that waits on purpose is sent with its time, and has its own name all the same", async () => {
    const sender = new EventSender((event) => client.send(event));
    const ts = Date.now() + 3_600_000;
    const data = { runId, projectId: "p", workflowId: "w", priority: 0, again: 1, notBefore: ts };
    await sender.sendEach([{ id: `${runId}/1`, name: "run/requested", data, ts }]);
    expect(server.events.map((event) => event.ts)).toEqual([ts]);
    expect(server.sent).toEqual([`${runId}/1`]);
    expect(sender.hasOwnNames).toBe(false);
  });

  const request = () => [
    {
      id: runId,
      name: "run/requested",
      data: { runId, projectId: runId, workflowId: runId, priority: 0 },
    },
  ];

  it("of three steps is one event, one call and one answer", async () => {
    await served.register();
    server.requests.length = 0;
    await new EventSender((event) => client.send(event)).sendEach(request());
    await vi.waitFor(() => expect(server.answers).toHaveLength(1), { timeout: 20_000 });
    await vi.waitFor(() => expect(server.queued).toBe(0), { timeout: 20_000 });
    expect(executed).toEqual([runId]);
    expect(server.requests).toEqual(["POST /e/…"]);
    const [answer] = server.answers;
    expect(answer?.kind === "ops" && answer.ops.map(({ op }) => op)).toEqual(["RunComplete"]);
  });

  it("that told of its steps would answer with them, of which Inngest makes calls of their own", async () => {
    app
      .removeAllListeners("request")
      .on("request", serve({ client, functions: functionsOf(client, { tells: true }) }));
    await served.register();
    await new EventSender((event) => client.send(event)).sendEach(request());
    await vi.waitFor(() => expect(server.answers).toHaveLength(1), { timeout: 20_000 });
    const [answer] = server.answers;
    expect(answer?.kind === "ops" && answer.ops.length).toBe(4);
  });

  it("is sent again under the same name when the answer was lost, and executed once", async () => {
    await served.register();
    const sender = new EventSender((event) => client.send(event));
    await sender.sendEach(request());
    await sender.sendEach(request());
    await vi.waitFor(() => expect(server.queued).toBe(0), { timeout: 20_000 });
    expect(server.sent).toEqual([runId, runId]);
    expect(executed).toEqual([runId]);
    expect(sender.hasOwnNames).toBe(false);
  });

  describe("that may begin at once", () => {
    let now = 0;
    const invoking = () => {
      const invoker = new Invoker({ api, app: "waybill", now: () => now });
      return new EventSender(
        (event) => client.send(event),
        (event) => invoker.invoke("execute-run", event),
      );
    };
    const begun = new Set([runId]);
    const invocation = "POST /api/v2/apps/waybill/functions/…/invoke";

    it("is invoked: no event, one call and one answer", async () => {
      await served.register();
      server.requests.length = 0;
      await invoking().sendEach(request(), begun);
      await vi.waitFor(() => expect(server.queued).toBe(0), { timeout: 20_000 });
      expect(executed).toEqual([runId]);
      expect(server.requests).toEqual([invocation]);
      expect(server.events).toMatchObject([{ data: request()[0]?.data }]);
    });

    it("is sent where invocations are refused, and for a minute nobody tries them again", async () => {
      await served.register();
      server.takesInvocations = false;
      server.requests.length = 0;
      const sender = invoking();
      await sender.sendEach(request(), begun);
      server.takesInvocations = true;
      now += 59_999;
      await sender.sendEach(request(), begun);
      now += 1;
      await sender.sendEach(request(), begun);
      expect(server.requests).toEqual([invocation, "POST /e/…", "POST /e/…", invocation]);
    });

    it("stays with its sender where neither is taken", async () => {
      server.failsWith = 503;
      await expect(invoking().sendEach(request(), begun)).rejects.toThrow();
    });
  });

  it("is known to be unfindable where Inngest names events itself", async () => {
    const sender = new EventSender(async () => ({ ids: ["01M8A1ZNKHNQ4Q6BMTJ78RNMC1"] }));
    await sender.sendEach(request());
    expect(sender.hasOwnNames).toBe(true);
  });
});

describe("the functions", () => {
  const registration = (one = served) =>
    new Registration({ api, served: one, onError: () => {}, everyMs: 3_600_000 });

  it("are registered when Inngest does not know them, and again when it forgot them", async () => {
    expect(await registration().look()).toBe(true);
    expect(await registration().look()).toBe(false);
    server.forget();
    expect(await registration().look()).toBe(true);
    expect(await served.standing(api)).toEqual({ kind: "ready" });
    expect(server.requests.filter((path) => path === "POST /fn/register")).toHaveLength(2);
  });

  it("are registered when Inngest knows another release's", async () => {
    await serveOf({ limit: 3 }).register();
    expect(await served.standing(api)).toEqual({ kind: "outdated" });
    expect(await registration().look()).toBe(true);
    expect(await served.standing(api)).toEqual({ kind: "ready" });
  });

  it("are registered when Inngest would call them elsewhere, or not at all", async () => {
    await served.register();
    const elsewhere = { client, load: async () => functionsOf(client), signingKey: server.signingKey };
    expect(
      await new ServedFunctions({ ...elsewhere, url: "https://waybill.example.org/api/inngest" }).standing(
        api,
      ),
    ).toEqual({ kind: "outdated" });
    // As Inngest shows what is executed over a connection.
    const connected = async (path: string) => {
      const { status, body } = await api(path);
      for (const { config } of body as { config: { concurrency: unknown; steps: { uri: string }[] } }[]) {
        config.concurrency = { fn: [{ limit: 0, scope: "app" }], step: config.concurrency };
        for (const step of config.steps) step.uri = "wss://connect/?fnId=waybill-execute-run&stepId=step";
      }
      return { status, body };
    };
    expect(await served.standing(connected)).toEqual({ kind: "outdated" });
    const url = "http://127.0.0.1/api/inngest";
    const own = new ServedFunctions({ ...elsewhere, url, isConnected: true });
    expect(await own.standing(connected)).toEqual({ kind: "ready" });
    expect(await own.standing(api)).toEqual({ kind: "outdated" });
  });

  it("are registered by themselves once Inngest is there", async () => {
    server.failsWith = 503;
    const errors: unknown[] = [];
    const looking = new Registration({ api, served, onError: (error) => errors.push(error), everyMs: 20 });
    looking.start();
    await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(2), { timeout: 20_000 });
    server.failsWith = null;
    await vi.waitFor(async () => expect(await served.standing(api)).toEqual({ kind: "ready" }), {
      timeout: 20_000,
    });
    await looking.stop();
    expect(errors).toEqual([]);
  });
});

describe("how Inngest does", () => {
  const problem = (oldestOutboxMs = 0, own = client) =>
    serverProblem(served, api, () => takesEventKey(own), oldestOutboxMs);

  it("is said with what to do", async () => {
    expect(await problem()).toMatch(/does not know Waybill's functions/);
    await serveOf({ limit: 3 }).register();
    expect(await problem()).toMatch(/another release/);
    await served.register();
    expect(await problem()).toBeNull();
    expect(await problem(60_000)).toMatch(/waited in the outbox/);
    expect(await problem(60_000, clientWith("wrong"))).toMatch(/refuses INNGEST_EVENT_KEY/);
    const stranger = apiOf({ origin: server.origin, headers: { authorization: "Bearer 00" } });
    expect(await serverProblem(served, stranger, async () => true, 0)).toMatch(/refuses INNGEST_SIGNING_KEY/);
    server.failsWith = 503;
    expect(await problem()).toMatch(/answers with status 503: start it, or set INNGEST_BASE_URL/);
    server.failsWith = null;
    await server.stop();
    expect(await problem()).toMatch(/does not answer: start it/);
    await server.start();
    expect(await problem()).toBeNull();
  });

  it("is not waited for: a server that says nothing is one that does not answer", async () => {
    const mute = http.createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    expect(await served.standing(apiOf({ origin, headers: {} }, 50))).toEqual({
      kind: "silent",
      status: null,
    });
    mute.closeAllConnections();
    mute.close();
  });
});
