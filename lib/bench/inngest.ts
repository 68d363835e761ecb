import http from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest } from "inngest";
import { serve } from "inngest/node";
import { bearer } from "@/inngest/embedded/protocol";
import { apiOf } from "@/inngest/server/api";
import { Invoker } from "@/inngest/server/invoke";
import { each, type Took } from "./runs";
import { createTarget } from "./setup";

/** Rests between messages that fall anywhere among what somebody looks for at intervals. */
const restMs = () => 250 + Math.random() * 300;

/** What a message took, sent into an idle product. */
export async function measureIdle(url: string, count: number): Promise<Took[]> {
  const target = await createTarget("idle", "fn(state => ({ ...state, seen: true }));");
  const body = JSON.stringify({ form: "visit", notes: "x".repeat(940) });
  await each(url, target, body, 5);
  return each(url, target, body, count, restMs);
}

/** Milliseconds until Inngest calls a function that does nothing, by what it was asked with. */
export type Calls = { event: number[]; invocation: number[] };

/** `address` has Inngest's two keys as its user and password. */
export async function measureCalls(address: string, count: number): Promise<Calls> {
  const { origin, username: eventKey, password: signingKey } = new URL(address);
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const client = new Inngest({
    id: "bare",
    isDev: false,
    baseUrl: origin,
    eventKey,
    signingKey,
    logger: silent,
  });
  let called = () => {};
  const nothing = client.createFunction({ id: "nothing", triggers: [{ event: "bare/asked" }] }, async () =>
    called(),
  );
  const server = http.createServer(serve({ client, functions: [nothing] }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api = apiOf({ origin, headers: { authorization: bearer(signingKey) } });
  const invoker = new Invoker({ api, app: "bare" });
  const event = { id: "", name: "bare/asked", data: {} };
  const asks = {
    event: () => client.send({ name: event.name, data: event.data }),
    invocation: async () => {
      if (!(await invoker.invoke("nothing", event))) throw new Error("Inngest takes no invocations.");
    },
  };
  const took: Calls = { event: [], invocation: [] };
  try {
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { method: "PUT" });
    // It learns of functions in the background.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    for (let i = 0; i < count; i++)
      for (const way of ["event", "invocation"] as const) {
        const isCalled = new Promise<void>((resolve) => {
          called = resolve;
        });
        const askedAt = performance.now();
        await asks[way]();
        await isCalled;
        took[way].push(performance.now() - askedAt);
        await new Promise((resolve) => setTimeout(resolve, restMs()));
      }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return took;
}
