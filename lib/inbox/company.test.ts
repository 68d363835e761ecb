import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Company } from "./company";
import type { Kind, Verdict } from "./execute";
import type { Sent } from "./statement";

/** A statement under way, which ends when it is told to. */
type Flight = {
  sent: Sent[];
  ms: number;
  kind: Kind;
  end(verdicts?: (Verdict | undefined)[]): void;
  fail(error: Error): void;
};

const verdictOf = (sent: Sent, more: Partial<Verdict> = {}): Verdict => ({
  verdict: "accepted",
  project_id: sent.urlId,
  via_trigger: false,
  message_id: sent.messageId,
  work_orders: [],
  ...more,
});

type Work = NonNullable<ConstructorParameters<typeof Company>[0]["work"]>;

/**
 * A company whose statements are the test's to end, and whose URLs are each a project's, but for those that `tenants` names.
 * Unless a test is about that, nobody waits a moment for others.
 */
function company({
  connections = 10,
  gatherMs = 0,
  tenants = {} as Record<string, string>,
  work = undefined as Work | undefined,
} = {}) {
  const flights: Flight[] = [];
  const made = new Company({
    ...{ connections, gatherMs },
    ...(work ? { work } : {}),
    turns: { tenantOf: (url) => tenants[url] ?? url },
    execute: (sent, ms, kind) =>
      new Promise((resolve, fail) => {
        const end = (verdicts?: (Verdict | undefined)[]) =>
          resolve(verdicts ?? sent.map((one) => verdictOf(one)));
        flights.push({ sent, ms, kind, end, fail });
      }),
  });
  const store = (sent: Sent, { leftMs = 7_000, isAlone = false } = {}) =>
    made.store(sent, { endsAt: performance.now() + leftMs, isAlone });
  /** What a statement brings is heard, and the next ones have begun. */
  const heard = () => new Promise((resolve) => setImmediate(resolve));
  return { flights, store, heard };
}

const request = (urlId: string, more: Partial<Sent> = {}): Sent => ({
  ...{
    urlId,
    messageId: randomUUID(),
    method: "POST",
    path: [],
    customPath: null,
    query: "{}",
    headers: "{}",
  },
  ...{
    contentType: null,
    format: "json",
    body: new Uint8Array(2),
    view: null,
    reading: null,
    size: 2,
    preview: "",
  },
  ...{ apiDigest: null, basicDigests: [], bearerDigest: null, hasCredentials: false, verified: null },
  ...{ content: "{}", isBody: true, isPost: true, delivery: null, plain: null, rules: null, sentSize: 2 },
  ...more,
});
const named = (urlId: string, name: string): Sent =>
  request(urlId, { delivery: { id: new TextEncoder().encode(name), content: new Uint8Array(1) } });

const urls = (flight: Flight | undefined) => flight?.sent.map(({ urlId }) => urlId);

/** Two statements are under way, so that whoever comes now gathers. */
function busy(of: ReturnType<typeof company>) {
  const own = [of.store(request("busy-1")), of.store(request("busy-2"))];
  expect(of.flights.map(urls)).toEqual([["busy-1"], ["busy-2"]]);
  return {
    async end() {
      for (const flight of of.flights.splice(0, 2)) flight.end();
      await Promise.all(own);
      await of.heard();
    },
  };
}

it("who comes while nobody is there goes at once, alone, with all the time that is left", async () => {
  const { flights, store } = company();
  const sent = request("a");
  const stored = store(sent);
  expect(flights).toHaveLength(1);
  expect(flights[0]?.ms).toBeGreaterThan(6_000);
  flights[0]?.end();
  expect(await stored).toEqual(verdictOf(sent));
});

it("who comes while statements are under way goes with the others in the next one, and gets a verdict of its own", async () => {
  const of = company();
  const first = busy(of);
  const sent = ["a", "b", "a", "c"].map((url) => request(url));
  const stored = sent.map((one) => of.store(one));
  expect(of.flights).toHaveLength(2);
  await first.end();
  expect(of.flights).toHaveLength(1);
  const [flight] = of.flights;
  expect(urls(flight)?.toSorted()).toEqual(["a", "a", "b", "c"]);
  const kinds = ["accepted", "limited", undefined, "disabled"] as const;
  flight?.end(flight.sent.map((one, place) => kinds[place] && verdictOf(one, { verdict: kinds[place] })));
  for (const [at, promise] of stored.entries()) {
    const place = flight?.sent.findIndex(({ messageId }) => messageId === sent[at]?.messageId) ?? -1;
    const told = await promise;
    expect(typeof told === "object" ? [told.verdict, told.message_id] : told).toEqual(
      kinds[place] && [kinds[place], sent[at]?.messageId],
    );
  }
});

it("a statement is dealt in turns, so that whoever sends much fills it only as far as others leave room", async () => {
  const of = company();
  const first = busy(of);
  for (let i = 0; i < 100; i++) void of.store(request("greedy"));
  for (const url of ["b", "c"]) for (const _ of [1, 2]) void of.store(request(url));
  await first.end();
  const [next] = of.flights;
  expect(next?.sent).toHaveLength(32);
  expect(
    urls(next)
      ?.filter((url) => url !== "greedy")
      .toSorted(),
  ).toEqual(["b", "b", "c", "c"]);
});

it("a project's place is the last once it has had its turn", async () => {
  const of = company();
  const first = busy(of);
  for (let i = 0; i < 32; i++) void of.store(request("a"));
  await first.end();
  of.flights[0]?.end();
  const other = request("late");
  void of.store(other);
  await of.heard();
  expect(of.flights.some((flight) => flight.sent.some(({ urlId }) => urlId === "late"))).toBe(true);
});

it("only what one statement is for goes together, and of two of one name one", async () => {
  const of = company();
  const first = busy(of);
  const rules = { delivery: null, rate: 1, projectRate: null, redactions: null };
  void of.store(request("plain"));
  void of.store(named("n", "one"));
  void of.store(named("m", "one"));
  void of.store(named("o", "two"));
  void of.store(request("ruled", { rules }));
  await first.end();
  const all: (string[] | undefined)[] = [];
  while (of.flights.length > 0) {
    all.push(...of.flights.map(urls));
    for (const flight of of.flights.splice(0)) flight.end();
    await of.heard();
  }
  expect(all).toEqual([["plain"], ["n", "o"], ["m"], ["ruled"]]);
});

it("what the server refuses for one is done again for each alone, and only that one is told", async () => {
  const of = company();
  const first = busy(of);
  const sent = ["good", "bad", "fine"].map((url) => request(url));
  const [good, bad, fine] = sent.map((one) => of.store(one));
  await first.end();
  const defect = Object.assign(new Error("no"), { code: "54001" });
  of.flights.splice(0)[0]?.fail(defect);
  await of.heard();
  expect(of.flights.map(urls)).toEqual([["good"], ["bad"], ["fine"]]);
  for (const flight of of.flights.splice(0))
    if (flight.sent[0]?.urlId === "bad") flight.fail(defect);
    else flight.end();
  await expect(bad).rejects.toBe(defect);
  expect(await good).toMatchObject({ verdict: "accepted" });
  expect(await fine).toMatchObject({ verdict: "accepted" });
  await of.heard();
  // And its next messages break nobody's statement.
  const second = busy(of);
  void of.store(request("bad"));
  expect(of.flights.map(urls)).toContainEqual(["bad"]);
  await second.end();
});

it("a statement of which nobody knows what became is told to each, who asks and comes again alone", async () => {
  const of = company();
  const first = busy(of);
  const stored = ["a", "b"].map((url) => of.store(request(url)));
  await first.end();
  expect(of.flights[0]?.ms).toBe(2_000);
  of.flights.splice(0)[0]?.fail(Object.assign(new Error("gone"), { code: "ECONNRESET" }));
  const told = await Promise.allSettled(stored);
  expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await of.heard();
  expect(of.flights).toEqual([]);
  void of.store(request("a"), { isAlone: true });
  void of.store(request("b"), { isAlone: true });
  expect(of.flights.map(urls)).toEqual([["a"], ["b"]]);
});

it("who is told that others come first goes alone, then, before those who came later", async () => {
  const of = company();
  const first = busy(of);
  const stored = ["a", "b"].map((url) => of.store(request(url)));
  await first.end();
  const [flight] = of.flights.splice(0);
  flight?.end(
    flight.sent.map((one, n) => verdictOf(one, n === 1 ? { verdict: "again", company: "alone" } : {})),
  );
  await of.heard();
  expect(of.flights.map(urls)).toEqual([["b"]]);
  of.flights.splice(0)[0]?.end();
  expect(await Promise.all(stored)).toMatchObject([{ verdict: "accepted" }, { verdict: "accepted" }]);
});

it("who may wait for locks goes with its own project, who is counted one by one alone", async () => {
  const of = company({ tenants: { "a-1": "a", "a-2": "a" } });
  for (const [url, wanted] of [
    ["a-1", "own"],
    ["a-2", "own"],
    ["counted", "alone"],
  ] as const) {
    const stored = of.store(request(url));
    const [flight] = of.flights.splice(0);
    flight?.end(flight.sent.map((one) => verdictOf(one, { company: wanted })));
    await stored;
    await of.heard();
  }
  const first = busy(of);
  for (const url of ["a-1", "other", "counted", "a-2", "another"]) void of.store(request(url));
  // It waits for nobody, as nobody waits for it.
  expect(of.flights.map(urls).slice(2)).toEqual([["counted"]]);
  await first.end();
  expect(of.flights.map(urls)).toEqual([["counted"], ["a-1", "a-2"], ["other", "another"]]);
});

it("what is large, or starts much, goes alone", async () => {
  const of = company();
  const stored = of.store(request("starts much"));
  const [flight] = of.flights.splice(0);
  const work_orders = Array.from({ length: 40 }, () => ({ work_order_id: "", run_id: "" }));
  flight?.end(flight.sent.map((one) => verdictOf(one, { work_orders })));
  await stored;
  await of.heard();
  const first = busy(of);
  void of.store(request("starts much"));
  void of.store(request("large", { body: new Uint8Array(200_000) }));
  expect(of.flights.map(urls).slice(2)).toEqual([["starts much"], ["large"]]);
  await first.end();
});

it("nobody waits for a statement that takes long", async () => {
  vi.useFakeTimers();
  try {
    const of = company();
    for (const url of ["slow-1", "slow-2"]) void of.store(request(url));
    void of.store(request("a"));
    expect(of.flights).toHaveLength(2);
    vi.advanceTimersByTime(60);
    expect(of.flights.map(urls)).toEqual([["slow-1"], ["slow-2"], ["a"]]);
  } finally {
    vi.useRealTimers();
  }
});

describe("those who come often", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Senders who send again a millisecond after each answer, for 200 ms. Statements take 3 ms each. Returns the requests of each. */
  async function rowsOf(senders: number, gatherMs: number): Promise<number[]> {
    const of = company({ gatherMs });
    const send = (url: string): void =>
      void of.store(request(url)).then(() => void setTimeout(() => send(url), 1));
    for (let i = 0; i < senders; i++) setTimeout(() => send(`s-${i}`), i % 7);
    const rows: number[] = [];
    const under: { flight: Flight; ms: number }[] = [];
    for (let ms = 0; ms < 200; ms++) {
      for (const flight of of.flights.splice(0)) {
        under.push({ flight, ms });
        rows.push(flight.sent.length);
      }
      for (const one of under.splice(0))
        if (ms - one.ms < 3) under.push(one);
        else one.flight.end();
      await vi.advanceTimersByTimeAsync(1);
    }
    return rows;
  }
  const sumOf = (rows: number[]) => rows.reduce((sum, n) => sum + n, 0);

  it.each([4, 16, 40])("fill two statements in turns: %i senders", async (senders) => {
    const rows = await rowsOf(senders, 2);
    expect(sumOf(rows) / rows.length).toBeGreaterThanOrEqual(0.4 * senders);
    expect(sumOf(rows)).toBeGreaterThanOrEqual(0.9 * sumOf(await rowsOf(senders, 0)));
  });

  it("wait no longer than a moment for others who do not come", async () => {
    const of = company({ gatherMs: 2 });
    for (let i = 0; i < 20; i++) void of.store(request(`s-${i}`));
    await vi.advanceTimersByTimeAsync(3);
    for (const flight of of.flights.splice(0)) flight.end();
    await vi.advanceTimersByTimeAsync(0);
    // All have been answered but those who waited, and nobody comes back.
    void of.store(request("one"));
    const begun = () => of.flights.some((flight) => urls(flight)?.includes("one"));
    expect(begun()).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(begun()).toBe(true);
  });

  it("are not waited for by one alone, nor once they have gone", async () => {
    const of = company({ gatherMs: 2 });
    for (let round = 0; round < 30; round++) {
      const stored = of.store(request("alone"));
      expect(of.flights).toHaveLength(1);
      of.flights.splice(0)[0]?.end();
      await stored;
      await vi.advanceTimersByTimeAsync(0);
    }
    const burst = Array.from({ length: 20 }, (_, i) => of.store(request(`s-${i}`)));
    for (let ms = 0; ms < 6; ms++) {
      for (const flight of of.flights.splice(0)) flight.end();
      await vi.advanceTimersByTimeAsync(1);
    }
    await Promise.all(burst);
    await vi.advanceTimersByTimeAsync(3);
    void of.store(request("alone"));
    expect(of.flights.map(urls)).toEqual([["alone"]]);
  });
});

it("one project's slow statements leave connections to the others", () => {
  const of = company({ connections: 10 });
  for (let i = 0; i < 50; i++) void of.store(request("greedy"), { isAlone: true });
  expect(of.flights).toHaveLength(6);
  void of.store(request("modest"), { isAlone: true });
  expect(urls(of.flights.at(-1))).toEqual(["modest"]);
});

it("says so when too many of a project wait, or its turn does not come in time", async () => {
  const of = company({ connections: 2 });
  const first = of.store(request("a"));
  const waiting = Array.from({ length: 499 }, () => of.store(request("a")));
  const late = of.store(request("a"), { leftMs: 300 });
  expect(await of.store(request("a"))).toBe("full");
  expect(await late).toBe("late");
  const other = of.store(request("b"));
  of.flights.splice(0)[0]?.end();
  expect(await first).toMatchObject({ verdict: "accepted" });
  await of.heard();
  while (of.flights.length > 0) {
    for (const flight of of.flights.splice(0)) flight.end();
    await of.heard();
  }
  expect(await Promise.all([other, ...waiting])).toHaveLength(500);
});

it("who has less time left than a statement may take is told so in time, and the others have theirs", async () => {
  const of = company();
  const first = busy(of);
  const hurried = of.store(request("hurried"), { leftMs: 500 });
  const patient = of.store(request("patient"));
  await first.end();
  expect(of.flights.map(urls)).toEqual([["hurried", "patient"]]);
  await expect(hurried).rejects.toMatchObject({ name: "DeadlineError" });
  of.flights[0]?.end();
  expect(await patient).toMatchObject({ verdict: "accepted" });
});

/** Work that waits, and a door whose statements cost its own process `cpuMs` each. */
function waitingWork(cpuMs: number) {
  let statements = 0;
  const work = { isThere: true, stored: () => void statements++, spentMs: () => statements * cpuMs };
  return { work, statements: () => statements };
}

/** Senders who post again as soon as they are answered, for a second by the clock of the test. Statements take 10 ms each. */
async function flood(of: ReturnType<typeof company>, senders: string[]): Promise<Record<string, number>> {
  const answered: Record<string, number> = {};
  const send = (url: string): void =>
    void of.store(request(url)).then(() => {
      answered[url] = (answered[url] ?? 0) + 1;
      send(url);
    });
  for (const url of senders) send(url);
  const begun = new Map<Flight, number>();
  for (let ms = 0; ms < 1_000; ms++) {
    for (const flight of of.flights) begun.set(flight, (begun.get(flight) ?? -1) + 1);
    for (const [flight, age] of begun)
      if (age === 10) {
        of.flights.splice(of.flights.indexOf(flight), 1);
        begun.delete(flight);
        flight.end();
      }
    await vi.advanceTimersByTimeAsync(1);
  }
  return answered;
}

describe("while runs wait, the door", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const senders = Array.from({ length: 16 }, (_, i) => (i < 15 ? "greedy" : "modest"));

  it("works for half of the time at most, however many send, and goes on", async () => {
    for (const cpuMs of [0, 10]) {
      const { work, statements } = waitingWork(cpuMs);
      await flood(company({ work }), senders);
      // A statement is 10 ms of the database's and `cpuMs` of the door's, and as long a rest.
      const most = 1_000 / (2 * 10 + 2 * cpuMs - cpuMs);
      expect(statements()).toBeLessThanOrEqual(Math.ceil(most));
      expect(statements()).toBeGreaterThan(most / 2);
    }
  });

  it("takes projects in turns as ever, so that one sender's wait is a statement and a rest", async () => {
    const { work, statements } = waitingWork(0);
    const answered = await flood(company({ work }), senders);
    expect(answered.modest).toBeGreaterThanOrEqual(Math.floor(statements() / 2) - 1);
    expect(answered.greedy).toBeGreaterThan(10 * statements());
  });

  it("rests after those who go alone, too, and after none that waits for locks longer than it does for others", async () => {
    const { work, statements } = waitingWork(0);
    const of = company({ work });
    for (let i = 0; i < 20; i++) void of.store(request(`alone ${i}`), { isAlone: true });
    expect(of.flights).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60);
    expect(of.flights).toHaveLength(2);
    of.flights[1]?.end();
    await vi.advanceTimersByTimeAsync(5);
    expect([statements(), of.flights.length]).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(6);
    expect([statements(), of.flights.length]).toEqual([1, 3]);
  });
});

it("the door rests only while runs wait", async () => {
  vi.useFakeTimers();
  try {
    const { work, statements } = waitingWork(10);
    const of = company({ work: { ...work, isThere: false } });
    await flood(of, ["a", "b", "c", "d"]);
    expect(statements()).toBeGreaterThan(150);
  } finally {
    vi.useRealTimers();
  }
});

describe("a URL whose last message needed little", () => {
  /** A company that knows such a URL, whose next statement is a short one. */
  async function known() {
    const of = company();
    const stored = of.store(request("a"));
    of.flights.shift()?.end();
    await stored;
    return of;
  }

  it("goes by the short statement, where the request has nothing more either", async () => {
    const { flights, store } = await known();
    void store(request("a"));
    void store(request("a", { query: '{"b":"1"}' }));
    expect(flights.map(({ kind }) => kind)).toEqual(["stores", "plain"]);
  });

  it("goes by the whole one as soon as that does not do, before those who came later, and for a minute", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    try {
      const { flights, store, heard } = await known();
      const sent = request("a");
      const stored = [store(sent), store(request("b"))];
      const later = store(request("a"));
      flights.shift()?.end([undefined]);
      await heard();
      expect(flights.map(({ kind, sent: [one] }) => [kind, one?.messageId === sent.messageId])).toEqual([
        ["plain", false],
        ["plain", true],
      ]);
      for (const flight of flights.splice(0)) flight.end();
      await Promise.all(stored);
      await heard();
      flights.shift()?.end();
      await later;
      for (const kind of ["plain", "plain", "stores"]) {
        const next = store(request("a"));
        expect(flights[0]?.kind).toBe(kind);
        vi.advanceTimersByTime(kind === "plain" ? 40_000 : 0);
        flights.shift()?.end();
        await next;
        await heard();
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it("goes with those that need the whole one, so that who sends both fills no more statements", async () => {
    const of = await known();
    const first = busy(of);
    for (const query of ["{}", '{"b":"1"}', "{}", '{"b":"1"}', "{}"]) void of.store(request("a", { query }));
    await first.end();
    expect(of.flights.map(({ kind, sent }) => [kind, sent.length])).toEqual([
      ["stores", 1],
      ["plain", 4],
    ]);
  });

  it("does not begin anew what was told that it came too late", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    try {
      const of = await known();
      const first = busy(of);
      const told = [of.store(request("a"), { leftMs: 1_000 }), of.store(request("a"))].map((one) =>
        one.catch((error: Error) => error.name),
      );
      await first.end();
      vi.advanceTimersByTime(1_100);
      expect(await told[0]).toBe("DeadlineError");
      const [both] = of.flights.splice(0);
      both?.end([undefined, undefined]);
      await of.heard();
      expect(of.flights.map(({ kind, sent }) => [kind, sent.length])).toEqual([["plain", 1]]);
      of.flights[0]?.end();
      expect(await told[1]).toMatchObject({ verdict: "accepted" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("of which nobody knows, hears of the whole one that there is none", async () => {
    const { flights, store, heard } = await known();
    const stored = store(request("a"));
    flights.shift()?.end([undefined]);
    await heard();
    flights.shift()?.end([undefined]);
    expect(await stored).toBeUndefined();
  });
});
