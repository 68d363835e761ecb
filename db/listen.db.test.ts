import { Client as NeonClient, neonConfig } from "@neondatabase/serverless";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, it, vi } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import { type Stretch, startProxy } from "@/lib/testing/proxy";
import { type Channel, listenFor } from "./listen";

/** As the product's, in a hurry: only the order of things is tested. */
const waits = { every: 50, answer: 500, retry: 20 };
const channel = "listen_test";

let stretch: Stretch;
let stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  const { hostname, port } = new URL(`http://${inject("neonProxy") ?? new URL(inject("databaseUrl")).host}`);
  stretch = await startProxy({ host: hostname, port: Number(port) });
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  await stretch.close();
});

/** A connection of the driver that this run is about, by way of the stretch. */
function open(): Channel {
  const { port } = stretch.place as { port: number };
  const url = new URL(inject("databaseUrl"));
  const proxy = inject("neonProxy");
  if (!proxy) url.port = String(port);
  else neonConfig.wsProxy = () => proxy.replace(/:\d+/, `:${port}`);
  const Client = proxy ? (NeonClient as unknown as typeof pg.Client) : pg.Client;
  return new Client({
    connectionString: url.href,
    connectionTimeoutMillis: waits.answer,
  }) as unknown as Channel;
}

async function listening() {
  const heard: string[] = [];
  const onReady = vi.fn();
  stops.push(await listenFor(open, [channel], (_, payload) => heard.push(payload), onReady, waits));
  return { heard, onReady };
}
const say = (word: string) => testDatabase().query("select pg_notify($1, $2)", [channel, word]);
const patient = { timeout: 20_000 };

it("a connection that is cut off without a word is replaced, and notices are heard again", async () => {
  testDatabase();
  const { heard, onReady } = await listening();
  await say("before");
  await vi.waitFor(() => expect(heard).toEqual(["before"]), patient);
  const ready = onReady.mock.calls.length;
  stretch.blackhole();
  // It notices by itself: nothing is said, and nobody asks it.
  await vi.waitFor(() => expect(stretch.open).toBeGreaterThan(1), patient);
  await stretch.heal({ isReset: true });
  await vi.waitFor(() => expect(onReady.mock.calls.length).toBeGreaterThan(ready), patient);
  await say("after");
  await vi.waitFor(() => expect(heard).toContain("after"), patient);
});

it("one that cannot connect, because nothing comes back, tries again", async () => {
  testDatabase();
  stretch.blackhole();
  const { heard, onReady } = await listening();
  expect(onReady).not.toHaveBeenCalled();
  await stretch.heal({ isReset: true });
  await vi.waitFor(() => expect(onReady).toHaveBeenCalled(), patient);
  await say("there");
  await vi.waitFor(() => expect(heard).toContain("there"), patient);
});

it("stops although it is cut off", async () => {
  await listening();
  stretch.blackhole();
  for (const stop of stops.splice(0)) await stop();
});
