import { describe, expect, it } from "vitest";
import type { Remember } from "@/lib/execution/execute-run";
import { rememberRarely } from "./remember";

describe("a run that a real Inngest drives", () => {
  it("tells it of no step, unless the call has lasted for an hour", async () => {
    const told: string[] = [];
    let now = 0;
    const remember: Remember = (name, work) => {
      told.push(name);
      return work();
    };
    const outcome = { ordinal: 0 } as unknown as Awaited<ReturnType<Remember>>;
    const steps = rememberRarely(remember, () => now);
    expect(await steps("0 A", async () => outcome)).toBe(outcome);
    now = 60 * 60_000 - 1;
    await steps("1 B", async () => outcome);
    expect(told).toEqual([]);
    now = 60 * 60_000;
    expect(await steps("2 C", async () => outcome)).toBe(outcome);
    expect(told).toEqual(["2 C"]);
  });
});
