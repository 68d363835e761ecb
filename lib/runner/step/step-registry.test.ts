import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { StepEvent, StepRef, StepResult } from "@/lib/runner/contract";
import { lostResult } from "@/lib/runner/results";
import { stepRequest } from "@/lib/runner/testing/step-request";
import { StepMemory } from "./step-memory";
import { type Entry, type NotBegun, StepRegistry } from "./step-registry";

const success: StepResult = { ...lostResult(null), reason: "success", output: "{}", error: null };
const noWorker: NotBegun = { notBegun: "no worker" };

type Running = { ref: StepRef; signal: AbortSignal; end(how: StepResult | NotBegun): Promise<void> };

/** A registry whose steps end when the test says so. */
function world(memory = new StepMemory()) {
  const begun: StepRef[] = [];
  const running = new Map<string, Running>();
  const registry = new StepRegistry(({ stepId, epoch = 0, attempt = 0 }, _emit, signal) => {
    const ref = { stepId, epoch, attempt };
    begun.push(ref);
    if (running.has(stepId)) throw new Error("Two attempts of one step run at once.");
    return new Promise((resolve) => {
      const end = async (how: StepResult | NotBegun) => {
        running.delete(stepId);
        resolve(how);
        await new Promise((settled) => setImmediate(settled));
      };
      running.set(stepId, { ref, signal, end });
    });
  }, memory);
  const start = (ref: StepRef, call?: number) => {
    const heard: StepEvent[] = [];
    const follower = { event: (event: StepEvent) => heard.push(event) };
    const entry = registry.start({ ...stepRequest("fn(s => s)"), ...ref }, follower, call);
    return { entry, heard, kinds: () => heard.map(({ type }) => type) };
  };
  const follow = (ref: StepRef, call?: number) => {
    const heard: StepEvent[] = [];
    const entry = registry.follow(ref, { event: (event) => heard.push(event) }, call);
    return { entry, heard, kinds: () => heard.map(({ type }) => type) };
  };
  const end = (stepId: string, how: StepResult | NotBegun) => running.get(stepId)?.end(how);
  return { registry, begun, running, start, follow, end };
}

const step = (epoch: number, attempt = 0, stepId = "a"): StepRef => ({ stepId, epoch, attempt });
const kind = ({ entry }: { entry: Entry }) => entry.kind;

afterEach(() => {
  vi.useRealTimers();
});

test("a result that nobody could store is kept for as long as a database may be away, and not for ever", async () => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  const { registry, start, follow, end } = world();
  start(step(1));
  await end("a", success);
  vi.advanceTimersByTime(8 * 3_600_000);
  expect(follow(step(2)).kinds()).toEqual(["result"]);
  vi.advanceTimersByTime(24 * 3_600_000);
  expect(kind(follow(step(3)))).toBe("gone");
  registry.close();
});

describe("who is obeyed", () => {
  test("a step that runs is not ended by being forgotten, only dropped afterwards", async () => {
    const { registry, running, start, follow, end } = world();
    const first = start(step(1));
    expect(registry.forget(step(1))).toBe(true);
    expect(running.get("a")?.signal.aborted).toBe(false);
    await end("a", success);
    expect(first.kinds()).toEqual(["result"]);
    expect(kind(follow(step(1)))).toBe("gone");
    expect(kind(start(step(1)))).toBe("gone");
  });

  test("an older epoch changes nothing and is told so, on streams that are open, too", async () => {
    const { registry, begun, start, follow, end } = world();
    const loser = start(step(1));
    const successor = follow(step(2));
    expect(loser.kinds()).toEqual(["superseded"]);
    expect(kind(start(step(1)))).toBe("superseded");
    expect(kind(follow(step(1)))).toBe("superseded");
    expect(registry.forget(step(1))).toBe(false);
    await end("a", success);
    expect(successor.kinds()).toEqual(["result"]);
    expect(kind(follow(step(2)))).toBe("following");
    expect(begun).toHaveLength(1);
  });

  test("a step that is asked for before it arrives cannot be started by who came before, but by who asked", () => {
    const { begun, start, follow } = world();
    expect(kind(follow(step(2)))).toBe("never_started");
    expect(kind(start(step(1)))).toBe("superseded");
    expect(kind(start(step(2)))).toBe("following");
    expect(begun).toEqual([step(2)]);
  });

  test("a start of one's own that may still be on its way is revoked by its number", () => {
    const { begun, start, follow } = world();
    expect(kind(follow(step(1), 7))).toBe("never_started");
    expect(kind(start(step(1), 7))).toBe("superseded");
    expect(kind(start(step(1), 8))).toBe("following");
    expect(begun).toHaveLength(1);
  });

  test("a step that is cancelled before it arrives ends as cancelled when it does, and is never begun", () => {
    const { registry, begun, start } = world();
    registry.cancel("a");
    const late = start(step(1));
    expect(late.heard).toMatchObject([{ type: "result", result: { reason: "cancel" } }]);
    expect(begun).toEqual([]);
  });
});

describe("attempts", () => {
  test("the next attempt runs when the one before has ended, and then the older one is history", async () => {
    const { begun, start, follow, end } = world();
    start(step(1));
    expect(kind(start(step(1, 1)))).toBe("busy");
    await end("a", { ...lostResult([]), untouched: true });
    expect(kind(follow(step(1, 1)))).toBe("never_started");
    const next = start(step(1, 1));
    expect(kind(start(step(1)))).toBe("superseded");
    expect(kind(follow(step(1)))).toBe("superseded");
    await end("a", success);
    expect(next.kinds()).toEqual(["result"]);
    expect(begun).toEqual([step(1), step(1, 1)]);
  });

  for (const [what, how] of [
    ["no worker could be had", noWorker],
    ["its adaptor was missing", { ...lostResult(null), lacksAdaptor: true as const }],
  ] as const)
    test(`the same one is begun again when ${what}: nothing had begun`, async () => {
      const { begun, start, follow, end } = world();
      const first = start(step(1));
      await end("a", how);
      expect(first.kinds()).toEqual(["notBegun" in how ? "not_started" : "result"]);
      expect(kind(follow(step(1)))).toBe("never_started");
      expect(kind(start(step(1)))).toBe("following");
      expect(begun).toHaveLength(2);
    });
});

describe("memory", () => {
  const id = (n: number) => `0190000${n}-0000-7000-8000-000000000000`;

  test("what fell out of it counts as forgotten: it is never started again", async () => {
    const { registry, begun, start, follow, end } = world(new StepMemory(2));
    for (const n of [1, 2, 3, 4]) {
      start(step(1, 0, id(n)));
      await end(id(n), success);
      registry.forget(step(1, 0, id(n)));
    }
    for (const n of [1, 2, 3, 4]) {
      expect(kind(start(step(1, 0, id(n))))).toBe("gone");
      expect(kind(follow(step(1, 0, id(n))))).toBe("gone");
    }
    expect(begun).toHaveLength(4);
    expect(kind(start(step(1, 0, id(5))))).toBe("following");
  });

  test("a step that runs never falls out, however much comes after it", () => {
    const { registry, start, follow } = world(new StepMemory(2));
    start(step(1, 0, id(1)));
    for (const n of [2, 3, 4, 5]) registry.cancel(id(n));
    expect(kind(follow(step(2, 0, id(1))))).toBe("following");
    expect(kind(start(step(1, 0, id(1))))).toBe("superseded");
  });
});

describe("draining", () => {
  test("takes nothing new, and goes on serving what runs", async () => {
    const { registry, start, follow, end } = world();
    start(step(1));
    const drained = registry.drain(60_000);
    expect(kind(start(step(1, 0, "b")))).toBe("draining");
    const again = start(step(1));
    const followed = follow(step(2));
    expect([kind(again), kind(followed)]).toEqual(["following", "following"]);
    await end("a", success);
    await drained;
    expect(followed.kinds()).toEqual(["result"]);
  });
});

type Act =
  | { do: "start" | "follow" | "revoke" | "forget"; epoch: number; attempt: number }
  | { do: "cancel" }
  | { do: "end"; how: "success" | "untouched" | "no worker" };

const acts = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom("start", "follow", "revoke", "forget"),
      epoch: fc.nat(3),
      attempt: fc.nat(2),
    }),
    fc.constant({ do: "cancel" } as const),
    fc.record({ do: fc.constant("end"), how: fc.constantFrom("success", "untouched", "no worker") }),
  ) as fc.Arbitrary<Act>,
  { maxLength: 40 },
);

const ends = { success, untouched: { ...lostResult([]), untouched: true as const }, "no worker": noWorker };

test("whatever several executors say in whatever order: an attempt is begun once, the newest is obeyed", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (story) => {
      const { registry, begun, running, start, follow, end } = world();
      let highest = 0;
      let isCancelled = false;
      let calls = 0;
      const over = new Set<number>();
      const streams: { epoch: number; kinds(): string[] }[] = [];
      for (const act of story) {
        const before = begun.length;
        if (act.do === "cancel") {
          registry.cancel("a");
          isCancelled = true;
        } else if (act.do === "end") {
          const ended = running.get("a")?.ref.attempt;
          await end("a", ends[act.how]);
          if (ended !== undefined && act.how !== "no worker") over.add(ended);
        } else {
          const ref = step(act.epoch, act.attempt);
          calls += 1;
          const isOld = act.epoch < highest;
          let came: string;
          if (act.do === "forget") came = registry.forget(ref) ? "forgotten" : "superseded";
          else {
            const stream =
              act.do === "start" ? start(ref, calls) : follow(ref, act.do === "revoke" ? calls : -1);
            came = stream.entry.kind;
            if (came === "following") streams.push({ epoch: act.epoch, kinds: stream.kinds });
          }
          // Who is older has no say, and the newest is told so only when a later attempt is known.
          if (isOld) expect(came).toBe("superseded");
          else if (came !== "superseded") {
            highest = act.epoch;
            if (act.do === "forget" && running.get("a")?.ref.attempt !== act.attempt) over.add(act.attempt);
          }
          if (came === "never_started") expect(begun.length).toBe(before);
        }
        for (const ref of begun.slice(before)) {
          expect(act.do).toBe("start");
          expect(isCancelled).toBe(false);
          expect([...over].filter((attempt) => attempt >= ref.attempt)).toEqual([]);
        }
        // Nothing but a cancel ends what runs.
        expect(running.get("a")?.signal.aborted ?? isCancelled).toBe(isCancelled);
        // Nobody follows under an older epoch.
        for (const { epoch, kinds } of streams)
          if (epoch < highest) expect(kinds().filter((type) => type !== "log")).toHaveLength(1);
      }
      await end("a", success);
      for (const { kinds } of streams) expect(kinds().filter((type) => type !== "log")).toHaveLength(1);
      registry.close();
    }),
    {
      numRuns: 2_000,
      examples: [
        [
          [
            { do: "start", epoch: 0, attempt: 0 },
            { do: "forget", epoch: 0, attempt: 1 },
            { do: "end", how: "success" },
            { do: "start", epoch: 0, attempt: 1 },
          ],
        ],
      ],
    },
  );
});
