import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Database } from "@/db/client";
import { testConnect } from "@/lib/testing/database";
import { type OwnDatabase, ownDatabase } from "@/lib/testing/own-database";
import { liveTopics } from "@/lib/words";
import { LiveHub } from "./hub";
import { Notifier } from "./notifier";
import { channels, type LiveHint, maxHintIds } from "./topics";

const [first, second] = [randomUUID(), randomUUID()];
let own: OwnDatabase;
let database: Database;
let hub: LiveHub;
let notifier: Notifier;
const stops: (() => Promise<void>)[] = [];

/** A database of its own, because notices and lost connections are everybody's who shares one. */
beforeAll(async () => {
  own = await ownDatabase();
  database = testConnect(own.url, { max: 2 });
  const listen: Database["listen"] = async (...args) => {
    const stop = await database.listen(...args);
    stops.push(stop);
    return stop;
  };
  hub = new LiveHub({ ...database, listen });
  notifier = new Notifier(database);
  await hub.ready();
});

afterAll(async () => {
  for (const stop of stops) await stop();
  await database?.close();
  await own?.drop();
});

function watch(project: string) {
  const heard: LiveHint[] = [];
  const stop = hub.watch(project, (hint) => void heard.push(hint));
  return { heard, stop };
}

/** Waits until everything that was sent before has arrived. */
async function settled() {
  const marker = randomUUID();
  const { heard, stop } = watch(marker);
  notifier.touch(marker, "runs", "marker");
  await notifier.flush();
  await vi.waitFor(() => expect(heard).toHaveLength(1), { timeout: 10_000 });
  stop();
}

const listeners = () =>
  database.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'waybill-listen'",
  );

test("a notice is not waited for, and what its connection commits next waits for the disk as before", async () => {
  const one = testConnect(own.url, { max: 1 });
  const notices: string[] = [];
  const stopListening = await database.listen([channels.outbox], (_, notice) => notices.push(notice));
  const commits = async () => (await one.query<{ synchronous_commit: string }>("show synchronous_commit"))[0];
  const before = await commits();
  const teller = new Notifier(one);
  teller.wakeEngine(true);
  await teller.settle();
  await vi.waitFor(() => expect(notices).toEqual(["runs"]), { timeout: 10_000 });
  expect(await commits()).toEqual(before);
  await stopListening();
  await one.close();
});

test("what changed is told to those who watch the project, and to no others", async () => {
  const [a, b, other] = [watch(first), watch(first), watch(second)];
  notifier.touch(first, "messages", "1");
  notifier.touch(first, "messages", "2");
  await notifier.flush();
  await settled();
  const hint = { projectId: first, topic: "messages", ids: ["1", "2"] };
  expect(a.heard).toEqual([hint]);
  expect(b.heard).toEqual([hint]);
  expect(other.heard).toEqual([]);
  for (const { stop } of [a, b, other]) stop();
});

test("more than a hint holds says that anything may have changed", async () => {
  const { heard, stop } = watch(first);
  for (let i = 0; i <= maxHintIds; i++) notifier.touch(first, "runs", randomUUID());
  await notifier.flush();
  await settled();
  expect(heard).toEqual([{ projectId: first, topic: "runs", ids: [] }]);
  stop();
});

test("notices of others on the channel disturb nothing", async () => {
  const { heard, stop } = watch(first);
  for (const payload of [
    "",
    "garbage",
    '{"projectId":',
    JSON.stringify({ projectId: first, topic: "x", ids: [] }),
  ])
    await database.query("select pg_notify($1, $2)", [channels.live, payload]);
  await settled();
  expect(heard).toEqual([]);
  stop();
});

test("who stopped watching is told nothing", async () => {
  const { heard, stop } = watch(first);
  stop();
  notifier.touch(first, "messages", "1");
  await notifier.flush();
  await settled();
  expect(heard).toEqual([]);
});

test("after a lost connection every watcher is told that anything may have changed, and hears again", async () => {
  const [a, b] = [watch(first), watch(second)];
  const [lost, ...more] = await listeners();
  expect(more).toEqual([]);
  await database.query("select pg_terminate_backend($1)", [lost?.pid]);
  notifier.touch(first, "messages", "while nobody listened");
  await notifier.flush();
  await vi.waitFor(() => expect(b.heard).toHaveLength(liveTopics.length), { timeout: 20_000 });
  const gap = (projectId: string) => liveTopics.map((topic) => ({ projectId, topic, ids: [] as string[] }));
  expect(a.heard.slice(-liveTopics.length)).toEqual(gap(first));
  expect(b.heard).toEqual(gap(second));
  a.heard.length = 0;
  notifier.touch(first, "messages", "1");
  await notifier.flush();
  await settled();
  expect(a.heard).toEqual([{ projectId: first, topic: "messages", ids: ["1"] }]);
  expect(await listeners()).toHaveLength(1);
  for (const { stop } of [a, b]) stop();
});

test("a wake reaches whoever listens for the outbox", async () => {
  let woken = 0;
  const stop = await database.listen([channels.outbox], () => void woken++);
  for (let i = 0; i < 200; i++) notifier.wakeEngine();
  await vi.waitFor(() => expect(woken).toBeGreaterThan(0), { timeout: 10_000 });
  await settled();
  expect(woken).toBeLessThanOrEqual(2);
  await stop();
});
