import { describe, expect, it } from "vitest";
import { chainProblem, type Following, maxChain } from "./following";

const following = (workflow: string, sourceJobId: string, ...reaches: string[]): Following => ({
  workflow,
  sourceJobId,
  reaches: new Set(reaches),
});

describe("workflows that start one another", () => {
  it("may join and part, and stand in any order", () => {
    const b = following("B", "a", "b");
    expect(
      chainProblem([following("D", "c", "d"), b, following("C", "b", "c"), following("D2", "b", "d2")]),
    ).toBeNull();
  });

  it("are refused in a circle, with its workflows in order", () => {
    const around = [following("A", "c", "a"), following("B", "a", "b"), following("C", "b", "c")];
    expect(chainProblem([following("X", "a", "x"), ...around])).toContain("A -> B -> C -> A");
    expect(chainProblem([following("A", "a2", "a", "a2")])).toContain("A -> A");
  });

  it("are refused in a chain that is too long, and not in one that is just long enough", () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, n) => following(`W${n}`, `job ${n}`, `job ${n + 1}`)).reverse();
    expect(chainProblem(chain(maxChain))).toBeNull();
    expect(chainProblem(chain(maxChain + 1))).toContain(`More than ${maxChain} workflows`);
  });
});
