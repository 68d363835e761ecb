import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { liveTopics } from "@/lib/words";
import { LiveHub } from "./hub";
import { channels, type LiveHint } from "./topics";

type Listen = Database["listen"];

let heard: LiveHint[];
let connections: { channels: string[]; notify(payload: string): void; ready(): void }[];
let hub: LiveHub;

beforeEach(() => {
  heard = [];
  connections = [];
  const listen: Listen = async (names, onNotify, onReady) => {
    connections.push({
      channels: names,
      notify: (payload) => onNotify(channels.live, payload),
      ready: () => onReady?.(),
    });
    return async () => {};
  };
  hub = new LiveHub({ listen } as unknown as Database);
});

const hear = (hint: LiveHint) => void heard.push(hint);
const hint = (projectId: string, ids: string[] = []): LiveHint => ({ projectId, topic: "messages", ids });
const notify = (payload: unknown) =>
  connections[0]?.notify(typeof payload === "string" ? payload : JSON.stringify(payload));

describe("one connection", () => {
  test("is opened when first asked for, once, for the live and access channels", async () => {
    expect(connections).toEqual([]);
    await Promise.all([hub.ready(), hub.ready()]);
    await hub.ready();
    expect(connections.map((c) => c.channels)).toEqual([[channels.live, channels.access]]);
  });

  test("serves every watcher of the project and nobody else", async () => {
    await hub.ready();
    hub.watch("p", hear);
    hub.watch("p", hear);
    hub.watch("q", () => {
      throw new Error("This is not their project.");
    });
    notify(hint("p", ["1"]));
    notify(hint("r", ["2"]));
    expect(heard).toEqual([hint("p", ["1"]), hint("p", ["1"])]);
  });

  test.each([
    "",
    "null",
    "not json",
    "[]",
    '{"projectId":"p"}',
    '{"projectId":"p","topic":"credentials","ids":[]}',
    '{"projectId":"p","topic":"messages","ids":[1]}',
    '{"projectId":{},"topic":"messages","ids":[]}',
  ])("passes over %j", async (payload) => {
    await hub.ready();
    hub.watch("p", hear);
    notify(payload);
    expect(heard).toEqual([]);
  });

  test("hands on nothing but the hint", async () => {
    await hub.ready();
    hub.watch("p", hear);
    notify({ ...hint("p", ["1"]), body: "secret" });
    expect(heard).toEqual([hint("p", ["1"])]);
  });
});

describe("who watches", () => {
  test("is told nothing after they stopped, while others are", async () => {
    await hub.ready();
    const stop = hub.watch("p", hear);
    const others: LiveHint[] = [];
    hub.watch("p", (one) => void others.push(one));
    stop();
    stop();
    notify(hint("p"));
    expect(heard).toEqual([]);
    expect(others).toHaveLength(1);
  });

  test("stops nobody else by stopping again", async () => {
    await hub.ready();
    const stop = hub.watch("p", hear);
    stop();
    hub.watch("p", hear);
    stop();
    notify(hint("p"));
    expect(heard).toHaveLength(1);
  });

  test("may stop while being told, and watch again", async () => {
    await hub.ready();
    const stop = hub.watch("p", (one) => {
      hear(one);
      stop();
    });
    notify(hint("p"));
    notify(hint("p"));
    expect(heard).toHaveLength(1);
    hub.watch("p", hear);
    notify(hint("p"));
    expect(heard).toHaveLength(2);
  });

  test("is told of a gap in every project and topic, whenever the connection is there again", async () => {
    await hub.ready();
    hub.watch("p", hear);
    hub.watch("q", hear);
    connections[0]?.ready();
    const gap = ["p", "q"].flatMap((projectId) => liveTopics.map((topic) => ({ projectId, topic, ids: [] })));
    expect(heard).toEqual(gap);
  });

  test("does not keep it from others when they fail, and is not asked again", async () => {
    await hub.ready();
    let asked = 0;
    hub.watch("p", () => {
      asked++;
      throw new TypeError("Invalid state: Controller is already closed");
    });
    hub.watch("p", hear);
    notify(hint("p"));
    connections[0]?.ready();
    expect(heard).toHaveLength(1 + liveTopics.length);
    expect(asked).toBe(1);
  });
});
