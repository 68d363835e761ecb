import { expect, test } from "vitest";
import { enabledHint } from "./words";

const on = { type: "message_filter", enabled: true } as const;
const schedule = { type: "cron", enabled: true } as const;

test("a trigger's switch says what the saved version does, and what the draft will do, of whatever kind they are", () => {
  const hint = (trigger: Parameters<typeof enabledHint>[0], saved?: Parameters<typeof enabledHint>[0]) =>
    enabledHint(trigger, { trigger: saved, version: 2 });
  expect(hint(on, on)).toBe("In the saved version 2 it is on. It starts the workflow.");
  expect(hint({ ...on, enabled: false }, on)).toBe(
    "In the saved version 2 it is on. It starts nothing once this draft is saved as a version.",
  );
  expect(hint(on)).toBe("It is not saved yet. It starts the workflow once this draft is saved as a version.");
  expect(hint(schedule, on)).toBe(
    "In the saved version 2 it is a trigger of another kind, message filter, and on. It starts the workflow once this draft is saved as a version.",
  );
  expect(hint({ ...schedule, enabled: false }, { ...on, enabled: false })).toBe(
    "In the saved version 2 it is a trigger of another kind, message filter, and off. It starts nothing once this draft is saved as a version.",
  );
});
