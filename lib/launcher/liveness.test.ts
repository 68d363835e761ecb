import { spawn } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { countedMs, Pulse, usualLimits, Watch } from "./liveness.mjs";
import { end, identify, until } from "./processes.mjs";
import { vitalsOf } from "./vitals.mjs";

type Vitals = { state: string; cpuMs: number };

/** Looks every half second until the watch gives a process up; answers after how many milliseconds, and why. */
function whenGivenUp(watch: Watch, vitals: (ms: number) => Vitals | null, atMostMs = 200_000) {
  for (let ms = 500; ms <= atMostMs; ms += 500) {
    const why = watch.passed(500, () => vitals(ms));
    if (why) return { ms, why };
  }
  return null;
}
const heard = () => {
  const watch = new Watch();
  watch.heard();
  return watch;
};

describe("a process that gives no sign", () => {
  it("is given up after six seconds when a signal stopped it", () => {
    expect(whenGivenUp(heard(), () => ({ state: "T", cpuMs: 10 }))).toEqual({
      ms: 6000,
      why: "stands still (stopped by a signal for 6 s)",
    });
  });

  it("is given up after eight seconds when it does not use the processor", () => {
    expect(whenGivenUp(heard(), () => ({ state: "S", cpuMs: 10 }))).toEqual({
      ms: 8000,
      why: "stands still (silent for 8 s)",
    });
  });

  it.each([
    ["it uses the processor", (ms: number) => ({ state: "S", cpuMs: ms })],
    ["the machine does not let it", () => ({ state: "R", cpuMs: 10 })],
    ["it waits for a device", () => ({ state: "D", cpuMs: 10 })],
  ])("has thirty seconds while %s", (_name, vitals) => {
    expect(whenGivenUp(heard(), vitals)).toMatchObject({ ms: 30_000, why: "is busy and silent for 30 s" });
  });

  it("that was busy and is not any more is given up eight seconds later", () => {
    const vitals = (ms: number) => ({ state: "S", cpuMs: Math.min(ms, 10_000) });
    expect(whenGivenUp(heard(), vitals)?.ms).toBe(18_000);
  });

  it("is left alone while a debugger holds it, and when nobody can see how it is", () => {
    expect(whenGivenUp(heard(), () => ({ state: "t", cpuMs: 10 }))).toBeNull();
    expect(whenGivenUp(heard(), () => null)).toBeNull();
  });

  it("has all its time again when the debugger lets it go", () => {
    const vitals = (ms: number) => ({ state: ms < 60_000 ? "t" : "S", cpuMs: 10 });
    expect(whenGivenUp(heard(), vitals)?.ms).toBeGreaterThanOrEqual(60_000 + usualLimits.idleMs - 1_500);
  });

  it("has its time to begin before the first one, unless it was stopped", () => {
    expect(whenGivenUp(new Watch(), () => ({ state: "S", cpuMs: 0 }))?.ms).toBe(usualLimits.startMs);
    expect(whenGivenUp(new Watch(), () => ({ state: "T", cpuMs: 0 }))?.ms).toBeLessThan(9000);
  });
});

it("each sign starts the count anew", () => {
  const watch = heard();
  for (let i = 0; i < 100; i++) {
    expect(whenGivenUp(watch, () => ({ state: "T", cpuMs: 0 }), 5500)).toBeNull();
    watch.heard();
  }
});

describe("a launcher that is itself late", () => {
  it("counts no more than it was on time for, and nothing of a long absence", () => {
    expect(countedMs(480, 500)).toBe(480);
    expect(countedMs(900, 500)).toBe(500);
    expect(countedMs(2001, 500)).toBe(0);
    expect(countedMs(8 * 3_600_000, 500)).toBe(0);
  });

  it("gives nobody up after the machine was suspended, nor while it is starved", () => {
    let now = 0;
    const pulse = new Pulse({ everyMs: 500, now: () => now });
    const watch = heard();
    const given: string[] = [];
    const stop = pulse.add((ms) => {
      const why = watch.passed(ms, () => ({ state: "S", cpuMs: 0 }));
      if (why) given.push(why);
    });
    now += 3_600_000;
    pulse.beat();
    // Ten looks in a minute: whoever would have given a sign had no more of the processor than we.
    for (let i = 0; i < 10; i++) {
      now += 6_000;
      pulse.beat();
    }
    expect(given).toEqual([]);
    for (let i = 0; i < 16; i++) {
      now += 500;
      pulse.beat();
    }
    expect(given).toEqual(["stands still (silent for 8 s)"]);
    stop();
  });
});

describe.runIf(process.platform === "linux")("what the system says of a process", () => {
  const children: ReturnType<typeof spawn>[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) await end(identify(child.pid), [["SIGKILL", 5000]]);
  });
  const run = (code: string) => {
    const child = spawn(process.execPath, ["-e", code], { stdio: "ignore" });
    children.push(child);
    return child.pid ?? 0;
  };

  it("tells one that spins from one that rests, and from one that was stopped", async () => {
    const spinning = run("for (;;);");
    const resting = run("setInterval(() => {}, 1e6)");
    await until(() => (vitalsOf(spinning)?.cpuMs ?? 0) > 200, 20_000);
    expect(await until(() => vitalsOf(resting)?.state === "S", 20_000)).toBe(true);
    const before = vitalsOf(spinning)?.cpuMs ?? 0;
    expect(await until(() => (vitalsOf(spinning)?.cpuMs ?? 0) > before, 20_000)).toBe(true);
    process.kill(spinning, "SIGSTOP");
    expect(await until(() => vitalsOf(spinning)?.state === "T", 20_000)).toBe(true);
  });

  it("is null for one that is gone", () => {
    expect(vitalsOf(2 ** 22 + 1)).toBeNull();
  });
});
