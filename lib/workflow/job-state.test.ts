import { describe, expect, it } from "vitest";
import type { ExitReason } from "@/lib/words";
import { compareFinished, type Execution, type FinishedExecution, isFinished, jobState } from "./job-state";

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 9, 0, second));
const execution = (
  id: string,
  started: number,
  finished: number | null,
  reason: ExitReason | null = null,
): Execution => ({
  id,
  startedAt: at(started),
  finishedAt: finished === null ? null : at(finished),
  reason,
});

/** Small seeded generator: the same cases at every run. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomExecutions(seed: number): Execution[] {
  const next = random(seed);
  return Array.from({ length: 1 + next(8) }, (_, n) => {
    const finished = next(4) === 0 ? null : next(3);
    const reason =
      (["success", "fail", "crash", "kill", "cancel", "exception", "lost"] as const)[next(7)] ?? "fail";
    return execution(`${next(3)}-${n}`, next(3), finished, finished === null ? null : reason);
  });
}

function shuffled<T>(items: T[], seed: number): T[] {
  const next = random(seed);
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = next(i + 1);
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}

describe("jobState", () => {
  it("shows the seed's referral and payment: two states for three runs, each of the last finished run", () => {
    const referral = [execution("run-1", 0, 1, "success")];
    const payment = [execution("run-2", 0, 2, "fail")];
    expect(jobState(referral)).toMatchObject({ result: "success", decidedBy: { id: "run-1" } });
    expect(jobState(payment)).toMatchObject({ result: "failure", decidedBy: { id: "run-2" } });
    payment.push(execution("run-3", 60, 61, "success"));
    expect(jobState(referral)).toMatchObject({ result: "success", decidedBy: { id: "run-1" } });
    expect(jobState(payment)).toMatchObject({ result: "success", decidedBy: { id: "run-3" } });
  });

  it("orders by the time of finishing, not of starting", () => {
    expect(jobState([execution("slow", 0, 9, "fail"), execution("fast", 1, 2, "success")])?.result).toBe(
      "failure",
    );
  });

  it("orders equal finishes by start, and equal starts by id", () => {
    expect(jobState([execution("b", 0, 9, "fail"), execution("a", 1, 9, "success")])?.result).toBe("success");
    expect(jobState([execution("a", 0, 9, "fail"), execution("b", 0, 9, "success")])?.decidedBy?.id).toBe(
      "b",
    );
  });

  it("is in progress while none has finished and while a rerun is under way, with the last result beside it", () => {
    expect(jobState([execution("a", 0, null)])).toEqual({
      result: "in_progress",
      decidedBy: null,
      running: 1,
    });
    const rerun = [execution("a", 0, 1, "fail"), execution("b", 5, null)];
    expect(jobState(rerun)).toMatchObject({ result: "in_progress", decidedBy: { id: "a" }, running: 1 });
  });

  it("tells a failure that another step followed from one that none did", () => {
    const failed = execution("a", 0, 1, "fail");
    expect(jobState([failed])?.result).toBe("failure");
    expect(jobState([{ ...failed, handled: true }])?.result).toBe("handled");
    expect(jobState([{ ...failed, handled: true }, execution("b", 5, 6, "success")])?.result).toBe("success");
  });

  it("is nothing for a job that was never started", () => {
    expect(jobState([])).toBeNull();
  });

  it("does not depend on the order in which executions are read", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const executions = randomExecutions(seed);
      expect(jobState(shuffled(executions, seed * 7)), `seed ${seed}`).toEqual(jobState(executions));
    }
  });

  it("can be kept incrementally: comparing each newly finished one with the kept one gives the same", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const executions = randomExecutions(seed);
      let kept: FinishedExecution | null = null;
      for (const one of executions.filter(isFinished))
        if (kept === null || compareFinished(one, kept) > 0) kept = one;
      expect(jobState(executions)?.decidedBy, `seed ${seed}`).toEqual(kept);
    }
  });

  it("compares as a total order", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const [a, b, c] = [seed, seed + 1000, seed + 2000].map((s) => randomExecutions(s).find(isFinished));
      if (!a || !b || !c) continue;
      expect(Math.sign(compareFinished(a, b)) + Math.sign(compareFinished(b, a))).toBe(0);
      if (compareFinished(a, b) <= 0 && compareFinished(b, c) <= 0)
        expect(compareFinished(a, c)).toBeLessThanOrEqual(0);
    }
  });
});
