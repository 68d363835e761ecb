import { describe, expect, test } from "vitest";
import { addJob, addTrigger, setJob } from "@/lib/editor/edits";
import type { DraftGraph } from "@/lib/editor/graph";
import { testInputs } from "@/lib/words";
import { plainWorkflow } from "@/lib/workflow/complete";
import {
  begunWith,
  hostsOf,
  listed,
  recordedHosts,
  runWordOf,
  sentWords,
  tookWords,
  whereBegun,
} from "./test-words";

const empty: DraftGraph = {
  name: "w",
  ...plainWorkflow,
  concurrency: null,
  triggers: [],
  jobs: [],
  edges: [],
  positions: null,
};
const graph = [
  addTrigger("t", "webhook"),
  addJob({ job: "j", edge: "e" }, null),
  setJob("j", { name: "Pay" }),
].reduce((now, edit) => edit(now), empty);

const connection = (host: string, refused?: string) => ({
  ...{ host, port: 443, address: null, bytesSent: 1, bytesReceived: null, durationMs: null },
  ...(refused ? { refused } : {}),
});

describe("what is said of a test", () => {
  test("is that nothing was sent, or whom it really sent to", () => {
    const steps = [
      { connections: [connection("a"), connection("a"), connection("b"), connection("c", "not allowed")] },
    ] as never;
    expect(sentWords({ mode: "record", steps })).toBe("Nothing was sent.");
    expect(sentWords({ mode: "send", steps: [] })).toBe("It sent nothing.");
    expect(sentWords({ mode: "send", steps })).toBe("It really sent to a:443 and b:443.");
    expect(hostsOf(steps)).toEqual(["a:443", "b:443"]);
    expect(
      recordedHosts([
        {
          requests: [
            { host: "a", port: 80 },
            { host: "a", port: 80 },
          ],
        },
      ] as never),
    ).toEqual(["a:80"]);
  });

  test("is where it began, also when that is gone", () => {
    const at = { triggerId: null, jobId: null, alone: false };
    expect(whereBegun({ ...at, jobId: "j", alone: true }, graph)).toBe("Pay alone");
    expect(whereBegun({ ...at, jobId: "j" }, graph)).toBe("from Pay");
    expect(whereBegun({ ...at, triggerId: "t" }, graph)).toBe("from Webhook");
    expect(whereBegun({ ...at, triggerId: "x" }, graph)).toBe("from a trigger that is gone");
    expect(whereBegun({ ...at, jobId: "x" }, graph)).toBe("from a job that is gone");
  });

  test("is what it began with, whatever that is", () => {
    for (const inputOf of testInputs) expect(begunWith({ inputOf, messageId: null })).not.toBe("");
    expect(begunWith({ inputOf: "message", messageId: "01900000-0000-7000-8000-0000000abcde" })).toBe(
      "message 000abcde",
    );
  });

  test("is its state in the words of runs, and how long it took once it is over", () => {
    expect(runWordOf("waiting")).toBe("pending");
    expect(runWordOf("failed")).toBe("failed");
    const [startedAt, finishedAt] = ["2026-11-26T10:00:00.000Z", "2026-11-26T10:00:01.500Z"];
    expect(tookWords({ startedAt, finishedAt })).toBe("after 1.50 s");
    expect(tookWords({ startedAt, finishedAt: null })).toBe("");
  });
});

test("names are listed up to a bound", () => {
  expect(listed([])).toBe("");
  expect(listed(["a"])).toBe("a");
  expect(listed(["a", "b", "c"])).toBe("a, b and c");
  expect(listed(["a", "b", "c", "d", "e", "f", "g"])).toBe("a, b, c, d, e and 2 more");
});
