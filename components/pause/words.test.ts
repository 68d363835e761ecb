import { expect, test } from "vitest";
import { waitingWords } from "./words";

const none = { running: 0, queued: 0, turn: 0, resume: 0, counted: 1_000 } as const;

test("says what has not ended, and what is not counted to its end", () => {
  expect(waitingWords(none)).toBe("No run is unfinished.");
  expect(waitingWords({ ...none, running: 2, resume: 1_000 })).toBe(
    "Unfinished runs: 2 running, 1,000 or more kept by a pause.",
  );
});
