import { expect, it } from "vitest";
import { announcementOf } from "./host";

it.each([
  ["nothing", { runs: 0 }, false],
  ["runs", { runs: 2 }, "runs"],
  ["tests, which are no runs to the engine", { runs: 1, tests: ["test"] }, true],
])("a message that started %s wakes the engine for that", (_, started, wakesEngine) => {
  expect(announcementOf({ projectId: "p", messageId: "m", ...started })).toMatchObject({
    projectId: "p",
    messages: ["m"],
    wakesEngine,
  });
});
