import { describe, expect, it } from "vitest";
import { internalIdOf, seedOf } from "./event-id";

describe("the name that Inngest knows an event by", () => {
  // As `inngest start` v1.43 answered to these ids with these seeds.
  it.each([
    ["01a2141f-d671-7d6c-ae39-2cdd2ad3af6e", "01M8A1ZNKHFNPAWE9CVMND7BVE"],
    ["01a2141f-d671-7d6c-ae39-2cdd2ad3af6e/1", "01M8A1ZNKHDDRNT29H4WFS6BVW"],
    ["01a2141f-d671-7d6c-ae39-2cdd00000000/12", "01M8A1ZNKHNQ4Q6BMTJ78RNMC1"],
  ])("of %s is %s", (id, name) => expect(internalIdOf(id)).toBe(name));

  it("is asked for with ten bytes and the run's time, also where the place is carried over", () => {
    const [ms, entropy] = seedOf("01a2141f-d671-7d6c-ae39-2cdd00000000")?.split(",") ?? [];
    expect(Number(ms)).toBe(0x01a2141fd671);
    expect(Buffer.from(entropy ?? "", "base64").toString("hex")).toBe("7d6cae392cddffffffff");
  });

  it("is Inngest's own for what is no run's", () => {
    expect(internalIdOf("outbox-1-1795311191722")).toBeNull();
    expect(seedOf("outbox-1-1795311191722")).toBeNull();
  });
});
