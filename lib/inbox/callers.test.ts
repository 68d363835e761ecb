import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { asWork, currentWork } from "@/db/deadline";
import { Callers, type Heard } from "./callers";
import type { EndedRun } from "./reply-statement";

const run = (id: string): EndedRun => ({
  id,
  state: "success",
  errorType: null,
  createdAt: new Date(0),
  startedAt: null,
  finishedAt: null,
  replyStatus: null,
  isSaid: false,
  data: "{}",
  bytes: 2,
  isGone: false,
});

/** A database in which these runs have ended, and which is asked and says no more than a real one. */
function fakeSql() {
  const ended = new Set<string>();
  const asked: string[][] = [];
  let hear: (payload: string) => void = () => {};
  let ready: () => void = () => {};
  let isAway = false;
  return {
    ended,
    asked,
    end(...ids: string[]) {
      for (const id of ids) ended.add(id);
    },
    tell: (...ids: string[]) => hear(ids.join(",")),
    reconnect: () => ready(),
    goAway: (away: boolean) => {
      isAway = away;
    },
    listens: vi.fn(),
    sql: {
      query: async (_: string, [ids]: unknown[]) => {
        asked.push(ids as string[]);
        if (isAway) throw new Error("away");
        return (ids as string[]).filter((id) => ended.has(id)).map(run) as never[];
      },
      listen: async (
        channels: string[],
        onNotify: (channel: string, payload: string) => void,
        onReady?: () => void,
      ) => {
        database.listens(channels);
        hear = (payload) => onNotify("ended", payload);
        ready = () => onReady?.();
        return async () => {};
      },
    },
  };
}

let database: ReturnType<typeof fakeSql>;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"] });
  database = fakeSql();
});
afterEach(() => {
  vi.useRealTimers();
});

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};
const wait = (
  callers: Callers,
  runId: string,
  more: { ms?: number; projectId?: string; signal?: AbortSignal } = {},
) => {
  const caller = { heard: undefined as Heard | undefined };
  void callers.wait({ runId, projectId: "p", ms: 30_000, ...more }).then((heard) => {
    caller.heard = heard;
  });
  return caller;
};
const id = (n: number) => `run-${n}`;

describe("callers who wait for runs", () => {
  it("are thousands on one connection, one timer and few statements", async () => {
    const callers = new Callers(database.sql);
    const all = Array.from({ length: 3_000 }, (_, n) => wait(callers, id(n)));
    await settled();
    expect(vi.getTimerCount()).toBe(1);
    expect(database.listens.mock.calls).toEqual([[["ended"]]]);
    database.end(...all.map((_, n) => id(n)));
    database.asked.length = 0;
    for (let at = 0; at < 3_000; at += 200)
      database.tell(...all.slice(at, at + 200).map((_, n) => id(at + n)));
    await vi.waitFor(() => expect(callers.count).toBe(0));
    expect(database.asked.length).toBeLessThanOrEqual(60);
    expect(all.every(({ heard }) => typeof heard === "object")).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("hear of an end that was told before they waited", async () => {
    const callers = new Callers(database.sql);
    wait(callers, "other");
    await settled();
    database.end("early");
    database.tell("early");
    const caller = wait(callers, "early");
    await settled();
    expect(caller.heard).toMatchObject({ id: "early" });
  });

  it("hear of an end whose notice was lost, and after the connection was, and after the database was away", async () => {
    const callers = new Callers(database.sql);
    const caller = wait(callers, "a");
    database.end("a");
    database.goAway(true);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(caller.heard).toBeUndefined();
    database.goAway(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(caller.heard).toMatchObject({ id: "a" });
    const second = wait(callers, "b");
    await settled();
    database.end("b");
    database.reconnect();
    await settled();
    expect(second.heard).toMatchObject({ id: "b" });
  });

  it("are asked about in turns when there are many, so that each is, however many come after", async () => {
    const callers = new Callers(database.sql);
    const all = Array.from({ length: 1_200 }, (_, n) => wait(callers, id(n)));
    await settled();
    database.end(...all.map((_, n) => id(n)));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(all.filter(({ heard }) => heard === undefined)).toEqual([]);
  });

  it("are late in their own time, gone at once, and told apart from others of the same run", async () => {
    const callers = new Callers(database.sql);
    const gone = new AbortController();
    const patient = wait(callers, "a");
    const hasty = wait(callers, "a", { ms: 1_000 });
    const leaving = wait(callers, "a", { signal: gone.signal });
    gone.abort();
    await vi.advanceTimersByTimeAsync(1_250);
    expect([patient.heard, hasty.heard, leaving.heard]).toEqual([undefined, "late", "gone"]);
    expect(wait(callers, "b", { signal: gone.signal })).toEqual({ heard: undefined });
    await settled();
    database.end("a");
    database.tell("a", "unknown", "");
    await settled();
    expect(patient.heard).toMatchObject({ id: "a" });
    expect(callers.count).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are asked about whoever's request began it, and whether that one is still there", async () => {
    const callers = new Callers(database.sql);
    const kinds: unknown[] = [];
    const { query } = database.sql;
    database.sql.query = (text, values) => {
      kinds.push(currentWork());
      return query(text, values);
    };
    const gone = AbortSignal.abort();
    const caller = asWork({ kind: "read", signal: gone }, () => wait(callers, "a"));
    await settled();
    database.end("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(caller.heard).toMatchObject({ id: "a" });
    expect(kinds).toEqual([{ kind: "accept" }]);
  });

  it("keep waiting when they are told of what has not ended", async () => {
    const callers = new Callers(database.sql);
    const caller = wait(callers, "a");
    await settled();
    database.tell("a");
    await settled();
    expect(caller.heard).toBeUndefined();
    expect(database.asked.at(-1)).toEqual(["a"]);
  });

  it("of a project with few are let in where others have filled the door, which loses one of theirs", async () => {
    const callers = new Callers(database.sql, { max: 4, maxPerProject: 2 });
    const many = ["a", "b"].flatMap((projectId) =>
      [1, 2].map((n) => wait(callers, projectId + n, { projectId })),
    );
    const mine = wait(callers, "mine", { projectId: "p" });
    await settled();
    expect(many.map(({ heard }) => heard)).toEqual(["full", undefined, undefined, undefined]);
    expect([mine.heard, callers.count]).toEqual([undefined, 4]);
    database.end("mine");
    database.tell("mine");
    await settled();
    expect(mine.heard).toMatchObject({ id: "mine" });
  });

  it("are told when too many wait already, of one project or of all", async () => {
    const callers = new Callers(database.sql, { max: 5, maxPerProject: 3 });
    const mine = [1, 2, 3, 4].map((n) => wait(callers, id(n)));
    const theirs = [5, 6, 7].map((n) => wait(callers, id(n), { projectId: "q" }));
    await settled();
    expect(mine.map(({ heard }) => heard)).toEqual([undefined, undefined, undefined, "full"]);
    expect(theirs.map(({ heard }) => heard)).toEqual([undefined, undefined, "full"]);
    database.end(id(1));
    database.tell(id(1));
    await settled();
    const next = wait(callers, id(8));
    await settled();
    expect([next.heard, callers.count]).toEqual([undefined, 5]);
  });
});
