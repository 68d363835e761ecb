import { describe, expect, test } from "vitest";
import { triggerTypes } from "@/lib/words";
import { validateGraph } from "@/lib/workflow/validate-graph";
import { type DraftGraph, type DraftTrigger, newTrigger, toGraph } from "./graph";
import { lostWith, setTriggerType, switchOn } from "./trigger-type";

const graphOf = (...triggers: DraftTrigger[]): DraftGraph => ({
  name: "w",
  concurrency: null,
  triggers,
  jobs: [],
  edges: [],
  positions: null,
  orderKey: null,
  jobLogs: null,
});

/** Everything that a trigger of each type may have. */
const full: Record<(typeof triggerTypes)[number], Partial<DraftTrigger>> = {
  webhook: {
    customPath: "visits",
    webhookReply: "after_completion",
    webhookResponseConfig: { success_code: 202 },
    takesGet: true,
    deliveryId: { header: "x-id" },
    ratePerMinute: 60,
  },
  message_filter: { inclusion: { form: "B" }, exclusion: { test: true } },
  cron: { cronExpression: "0 8 * * *", timeZone: "Africa/Nairobi", whenRunning: "skip" },
  flow: { sourceJobId: "j" },
  catch: { sourceJobId: "j" },
};

describe("a trigger becomes one of another type", () => {
  test.each(triggerTypes.flatMap((from) => triggerTypes.map((to) => [from, to] as const)))(
    "%s to %s: nothing is left that it would not obey, and what is lost was told",
    (from, to) => {
      const before: DraftTrigger = { ...newTrigger("t", from), ...full[from], enabled: true };
      const lost = lostWith(before, to);
      const [after] = setTriggerType("t", to)(graphOf(before)).triggers;
      if (!after) throw new Error("gone");
      expect(after).toMatchObject({ id: "t", type: to, enabled: true });
      const unobeyed = validateGraph(toGraph(graphOf(after))).filter(({ message }) =>
        message.includes("obeys"),
      );
      expect(unobeyed).toEqual([]);
      const changed = Object.keys(full[from]).filter(
        (field) => Reflect.get(after, field) !== Reflect.get(before, field),
      );
      expect([...lost].sort()).toEqual(changed.sort());
    },
  );

  test("of one that nobody has set up, nothing is lost", () => {
    for (const from of triggerTypes)
      for (const to of triggerTypes) expect(lostWith(newTrigger("t", from), to)).toEqual([]);
  });

  test("the job that it follows stays between a flow and a catch", () => {
    const before = { ...newTrigger("t", "flow"), sourceJobId: "j" };
    expect(setTriggerType("t", "catch")(graphOf(before)).triggers[0]).toMatchObject({ sourceJobId: "j" });
    expect(lostWith(before, "catch")).toEqual([]);
  });

  test("its own type changes nothing", () => {
    const graph = graphOf(newTrigger("t", "cron"));
    expect(setTriggerType("t", "cron")(graph)).toBe(graph);
  });
});

test("one trigger is on at a time", () => {
  const graph = graphOf({ ...newTrigger("a", "cron"), enabled: true }, newTrigger("b", "webhook"));
  expect(switchOn("b")(graph).triggers.map(({ enabled }) => enabled)).toEqual([false, true]);
  expect(switchOn("a")(graph)).toBe(graph);
});
