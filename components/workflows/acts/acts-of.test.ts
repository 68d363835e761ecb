import { expect, it } from "vitest";
import { goesOff, switchedName, switchesOf } from "./acts-of";
import type { ActedOn } from "./types";

const filter = { id: "filter", type: "message_filter", enabled: false, cronExpression: null } as const;
const cron = { id: "cron", type: "cron", enabled: true, cronExpression: "0 2 * * *" } as const;
const workflow = (...triggers: ActedOn["triggers"]): ActedOn => ({
  id: "w",
  name: "Payment",
  lockVersion: 3,
  isArchived: false,
  triggers,
});
const wordsOf = (of: ActedOn) => switchesOf(of).map(({ words }) => words);

it("a workflow of one trigger is switched as a whole", () => {
  expect(switchesOf(workflow(filter))).toEqual([{ words: "Switch on…", act: { kind: "switch", on: true } }]);
  expect(switchesOf(workflow(cron))).toEqual([{ words: "Switch off…", act: { kind: "switch", on: false } }]);
  expect(switchedName(workflow(cron), undefined)).toBe("Payment");
});

it("each of several triggers is switched by itself, and the one that is on goes off", () => {
  const both = workflow(filter, cron);
  expect(wordsOf(both)).toEqual(["Switch on Message filter…", "Switch off Schedule 0 2 * * *…"]);
  expect(switchedName(both, "cron")).toBe("Schedule 0 2 * * * of Payment");
  expect(goesOff(both, "filter")).toBe("Schedule 0 2 * * *");
  expect(goesOff(both, "cron")).toBeNull();
});

it("what is archived, or has no trigger, is not switched", () => {
  expect(switchesOf({ ...workflow(cron), isArchived: true })).toEqual([]);
  expect(switchesOf(workflow())).toEqual([]);
});
