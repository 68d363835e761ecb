import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Row, Sql } from "@/db/client";
import { Notifier } from "./notifier";
import { channels, maxHintIds, onlyRuns } from "./topics";

type Sent = { channel: unknown; payloads: unknown[] };

/** A database that keeps what it is told, and answers when `gate` lets it. */
class FakeSql implements Sql {
  readonly sent: Sent[] = [];
  gate: Promise<unknown> = Promise.resolve();
  async query<T extends Row>(_: string, [channel, payloads]: unknown[] = []): Promise<T[]> {
    this.sent.push({ channel, payloads: Array.isArray(payloads) ? payloads : [] });
    await this.gate;
    return [];
  }
}

let sql: FakeSql;
let notifier: Notifier;
beforeEach(() => {
  vi.useFakeTimers();
  sql = new FakeSql();
  notifier = new Notifier(sql);
});
afterEach(() => {
  vi.useRealTimers();
});

const hints = () =>
  sql.sent.flatMap(({ payloads }) => payloads.map((payload) => JSON.parse(String(payload))));

describe("with a bell at the engine", () => {
  const wakes = () => sql.sent.map(({ payloads }) => payloads);

  test("that rings, one notice follows within 100 ms, which says all that was new", async () => {
    const rung: boolean[] = [];
    const ringing = new Notifier(sql, { ring: (areRuns) => rung.push(areRuns) > 0 });
    ringing.wakeEngine(true);
    ringing.wakeEngine(false);
    ringing.wakeEngine(true);
    expect(rung).toEqual([true, false, true]);
    await vi.advanceTimersByTimeAsync(99);
    expect(wakes()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(wakes()).toEqual([[""]]);
    ringing.wakeEngine(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(wakes()).toEqual([[""], [onlyRuns]]);
  });

  test("that does not ring, the notice is sent at once", async () => {
    new Notifier(sql, { ring: () => false }).wakeEngine(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(wakes()).toEqual([[onlyRuns]]);
  });

  test("a process that ends tells what it has rung for", async () => {
    const ringing = new Notifier(sql, { ring: () => true });
    ringing.wakeEngine(true);
    await ringing.settle();
    expect(wakes()).toEqual([[onlyRuns]]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wakes()).toHaveLength(1);
  });
});

describe("what pages are told", () => {
  test("is held back for 100 ms and sent in one statement, one hint a project and topic", async () => {
    notifier.touch("p", "messages", "1");
    await vi.advanceTimersByTimeAsync(60);
    notifier.touch("p", "messages", "2");
    notifier.touch("p", "messages", "1");
    notifier.touch("p", "runs", "3");
    notifier.touch("q", "messages", "4");
    notifier.touch("p", "workflows", "5");
    notifier.touch("p", "workflows", "6", "u");
    await vi.advanceTimersByTimeAsync(39);
    expect(sql.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sql.sent.map((s) => s.channel)).toEqual([channels.live]);
    expect(hints()).toEqual([
      { projectId: "p", topic: "messages", ids: ["1", "2"] },
      { projectId: "p", topic: "runs", ids: ["3"] },
      { projectId: "q", topic: "messages", ids: ["4"] },
      { projectId: "p", topic: "workflows", ids: ["5"] },
      { projectId: "p", topic: "workflows", ids: ["6"], userId: "u" },
    ]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sql.sent).toHaveLength(1);
  });

  test("begins anew after it was sent", async () => {
    notifier.touch("p", "messages", "1");
    await vi.advanceTimersByTimeAsync(100);
    notifier.touch("p", "messages", "2");
    await vi.advanceTimersByTimeAsync(100);
    expect(hints().map((hint) => hint.ids)).toEqual([["1"], ["2"]]);
  });

  test.each([
    [maxHintIds, maxHintIds],
    [maxHintIds + 1, 0],
  ])("of %i ids names %i: none means that anything may have changed", async (touched, named) => {
    for (let i = 0; i < touched; i++) notifier.touch("p", "messages", String(i));
    await vi.advanceTimersByTimeAsync(100);
    expect(hints().map((hint) => hint.ids.length)).toEqual([named]);
  });

  test("fits into a notice, however long the list", async () => {
    for (let i = 0; i < maxHintIds; i++)
      notifier.touch(
        "00000000-0000-4000-8000-000000000000",
        "messages",
        `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`,
      );
    await vi.advanceTimersByTimeAsync(100);
    expect(Buffer.byteLength(String(sql.sent[0]?.payloads[0]))).toBeLessThan(8_000);
  });

  test("goes out at once at the end, and not again", async () => {
    notifier.touch("p", "messages", "1");
    await notifier.flush();
    expect(hints()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await notifier.flush();
    expect(sql.sent).toHaveLength(1);
  });

  test("is lost with the connection, and nobody is stopped by it", async () => {
    sql.gate = Promise.reject(new Error("Connection terminated"));
    notifier.touch("p", "messages", "1");
    await notifier.flush();
    sql.gate = Promise.resolve();
    notifier.touch("p", "messages", "2");
    await notifier.flush();
    expect(hints().map((hint) => hint.ids)).toEqual([["1"], ["2"]]);
  });
});

describe("waking the engine", () => {
  const wakes = () => sql.sent.filter((s) => s.channel === channels.outbox).length;

  test("happens at once", () => {
    notifier.wakeEngine();
    expect(sql.sent).toEqual([{ channel: channels.outbox, payloads: [""] }]);
  });

  test("a burst shares one notice more, which is sent after the one under way", async () => {
    let release = (_: unknown) => {};
    sql.gate = new Promise((resolve) => {
      release = resolve;
    });
    for (let i = 0; i < 1_000; i++) notifier.wakeEngine();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wakes()).toBe(1);
    release(undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wakes()).toBe(2);
    notifier.wakeEngine();
    expect(wakes()).toBe(3);
  });

  test("says when there are only requests for runs", async () => {
    notifier.wakeEngine(true);
    await vi.advanceTimersByTimeAsync(0);
    let release = (_: unknown) => {};
    sql.gate = new Promise((resolve) => {
      release = resolve;
    });
    notifier.wakeEngine(true);
    // They share the next notice with what is no run.
    for (const areRuns of [true, false, true]) notifier.wakeEngine(areRuns);
    release(undefined);
    await vi.advanceTimersByTimeAsync(0);
    notifier.wakeEngine(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(sql.sent.map(({ payloads }) => payloads)).toEqual([[onlyRuns], [onlyRuns], [""], [onlyRuns]]);
  });

  test("goes on after one was lost", async () => {
    sql.gate = Promise.reject(new Error("Connection terminated"));
    notifier.wakeEngine();
    await vi.advanceTimersByTimeAsync(0);
    notifier.wakeEngine();
    await vi.advanceTimersByTimeAsync(0);
    expect(wakes()).toBe(2);
  });
});
