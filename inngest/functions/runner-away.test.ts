import { RetryAfterError } from "inngest";
import { describe, expect, it } from "vitest";
import { RunnerUnavailableError } from "@/lib/execution/run-step";
import { Refusal } from "@/lib/refusal";
import { againSoon, wasRunnerAway } from "./runner-away";

const thrownBy = (error: Error) => againSoon(() => Promise.reject(error)).catch((thrown: unknown) => thrown);

describe("a run that no runner takes", () => {
  it.each([
    new RunnerUnavailableError("The job runner cannot be reached."),
    new Refusal("unavailable", "The job runner does not answer."),
  ])("is delivered again in 15 s, and is known by it when that was the last time: %s", async (error) => {
    const thrown = await thrownBy(error);
    expect(thrown).toBeInstanceOf(RetryAfterError);
    expect(thrown).toMatchObject({ retryAfter: "15", cause: error });
    expect(wasRunnerAway(thrown)).toBe(true);
  });

  it("is told apart from one that fails of itself", async () => {
    const error = new Error("no such version");
    expect(await thrownBy(error)).toBe(error);
    expect(wasRunnerAway(error)).toBe(false);
    expect(await againSoon(async () => 1)).toBe(1);
  });
});
