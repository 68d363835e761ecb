import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { readBody } from "@/lib/body/read";
import { limits } from "@/lib/limits";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { runStep, stepRequest, testRunner } from "@/lib/runner/testing/local-runner";
import { stateOfMessage } from "@/lib/workflow/message-state";

/** What the inbox takes by default. */
const most = 10_000_000;
let runner: LocalRunner;
beforeAll(async () => {
  runner = await testRunner();
});
afterAll(() => runner.close());

const filled = (unit: string, head = "", tail = "") =>
  head + unit.repeat((most - head.length - tail.length) / Buffer.byteLength(unit)) + tail;
const listOf = (item: string, count = Number.POSITIVE_INFINITY) =>
  `[${`${item},`.repeat(Math.min(count, most / (item.length + 1) - 3))}0]`;
const numbered = (make: (i: number) => string, bytes: number) => {
  const parts: string[] = [];
  for (let size = 0, i = 0; size < bytes; i++) {
    parts.push(make(i));
    size += (parts[i] ?? "").length + 1;
  }
  return parts.join();
};
const containers = limits.messageContainers - 1;

const different = Array.from({ length: limits.messageKeys - 1 }, (_, i) => `{"k${i}":"v"}`).join();

const json = "application/json";
const forms: [string, string, string | Uint8Array, string?][] = [
  ["a photo in JSON", json, filled("A", '{"photo":"', '"}')],
  ["JSON of small numbers", json, listOf("1")],
  ["JSON of fractions", json, listOf("1.5")],
  ["JSON of short texts", json, listOf('"a"')],
  ["JSON of different texts", json, `[${numbered((i) => `"${i}"`, most - 100)}]`],
  ["JSON of many keys", json, `{${numbered((i) => `"${i + 1e5}":"${"x".repeat(195)}"`, most - 300)}}`],
  [
    "JSON of empty objects",
    json,
    `[${"{},".repeat(containers - 1)}"${"x".repeat(most - 3 * containers - 9)}"]`,
  ],
  [
    "JSON of empty lists",
    json,
    `[${"[],".repeat(containers - 1)}"${"x".repeat(most - 3 * containers - 9)}"]`,
  ],
  ["JSON of small objects", json, listOf('{"a":1}', containers - 1)],
  ["JSON of objects in objects", json, `[${'{"a":{}},'.repeat(containers / 2 - 1)}0]`],
  [
    "JSON of different objects",
    json,
    `[${different},${'{"a":1},'.repeat(containers - limits.messageKeys - 2)}0]`,
  ],
  ["JSON beyond Latin", json, filled("é", '"', '"')],
  ["CSV with quotes", "text/csv", filled('"a","b"\n')],
  ["text of quotes alone", "text/plain", filled('"')],
  ["lines", "text/plain", filled("\n")],
  ["control characters", "text/plain", "\u0001".repeat(limits.stateBytes / 6 - 25_000)],
  ["bytes", "image/jpeg", Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(most - 3)])],
  ["XML of attributes", "text/xml", `<d>${`<i a="1">2</i>`.repeat(limits.messageElements / 2 - 2)}</d>`],
  [
    "a form of many fields",
    "application/x-www-form-urlencoded",
    numbered((i) => `f${i}=`, 1e6)
      .replaceAll(",", "&")
      .slice(0, 300_000),
  ],
  ["a form with a long field", "application/x-www-form-urlencoded", `a=${"%22".repeat(most / 3 - 1)}`],
  ["inflated text", "text/plain", gzipSync('"'.repeat(limits.inflatedBytes)), "gzip"],
  ["inflated bytes", "image/png", gzipSync(Buffer.alloc(limits.inflatedBytes, 255)), "gzip"],
];

test.each(forms)(
  "%s: as much as is accepted, a job gets and hands on",
  async (_, contentType, body, coding) => {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    expect(bytes.length).toBeLessThanOrEqual(most);
    const read = await readBody(bytes, { contentType, contentEncoding: coding ?? null }, nodeDecoders);
    if ("refused" in read) throw new Error(`refused: ${read.refused}`);
    const view = read.view === null ? null : JSON.parse(read.view);
    const headers = { "content-type": contentType };
    const request = { method: "POST", path: [], query: {}, headers, body: bytes };
    const input = await stateOfMessage({ ...request, format: read.format, view, reading: read.reading });
    const result = await runStep(runner, stepRequest("fn(state => state);", { input }));
    expect({ reason: result.reason, error: result.error }).toEqual({ reason: "success", error: null });
  },
);

test.each([
  ["objects", json, `[${"{},".repeat(limits.messageContainers)}0]`, "500,000 objects and lists"],
  ["lists", json, `[${"[],".repeat(limits.messageContainers)}0]`, "500,000 objects and lists"],
  ["keys", json, `{${numbered((i) => `"k${i}":1`, 2e6)}}`, "50,000 different keys"],
  ["control characters", "text/plain", "\u0001".repeat(limits.stateBytes / 6), "bytes of state"],
])(
  "more %s than a job can have are refused at the door, in a sentence",
  async (_, contentType, body, said) => {
    const read = await readBody(Buffer.from(body), { contentType, contentEncoding: null }, nodeDecoders);
    expect(read).toEqual({ refused: "too_large", reason: expect.stringContaining(said) });
  },
);
