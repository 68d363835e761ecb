import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Journal } from "./journal";

let dir: string;
const open: Journal[] = [];

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-journal-"));
});
afterEach(() => {
  for (const journal of open.splice(0)) journal.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
  fs.rmSync(dir, { recursive: true, force: true });
});

function journal(onReplaced?: () => void): Journal {
  const made = new Journal(randomUUID(), dir, onReplaced);
  open.push(made);
  return made;
}

/** The life that comes after. */
function next(): Journal {
  const made = journal();
  made.succeed();
  return made;
}

const step = (n: number, attempt = 0) => ({
  stepId: `0190${String(n).padStart(4, "0")}-0000-7000-8000-000000000000`,
  attempt,
});
const file = ({ life }: Journal) => path.join(dir, `${life}.log`);
const onLinux = process.platform === "linux";

test.runIf(onLinux)(
  "the next life knows to whom each attempt had sent something, and of the others that it had not",
  () => {
    const before = journal();
    const trace = before.begin(step(1));
    const reached = trace.reach("a.test", 443);
    if (reached) reached.bytesSent += 700;
    trace.reach("b.test", 80);
    trace.end();
    before.begin(step(2)).reach("a.test", 443);
    before.begin(step(3));
    const after = next();
    expect(after.reached(step(1), before.life)).toEqual([
      { host: "a.test", port: 443, bytesSent: 700 },
      { host: "b.test", port: 80, bytesSent: 0 },
    ]);
    expect(after.reached(step(2), before.life)).toEqual([{ host: "a.test", port: 443, bytesSent: 0 }]);
    for (const quiet of [step(3), step(1, 1), step(4)]) expect(after.reached(quiet, before.life)).toEqual([]);
    expect(after.reached(step(1), randomUUID())).toBeNull();
  },
);

test("a life that still runs when another takes its place lets nothing more out", () => {
  const replaced = vi.fn();
  const before = journal(replaced);
  const trace = before.begin(step(1));
  expect(trace.reach("a.test", 443)).not.toBeNull();
  next();
  expect(trace.reach("b.test", 443)).toBeNull();
  expect(before.begin(step(2)).reach("a.test", 443)).toBeNull();
  expect(replaced).toHaveBeenCalled();
});

test.runIf(onLinux)("a last line that is cut is of something that had not been sent", () => {
  const before = journal();
  before.begin(step(1)).reach("a.test", 443);
  fs.appendFileSync(file(before), '["01900002-0000-70');
  const after = next();
  expect(after.reached(step(1), before.life)).toHaveLength(1);
  expect(after.reached(step(2), before.life)).toEqual([]);
});

const spoilt: [string, (text: string) => string][] = [
  ["a line that is cut in the middle", (text) => `${text}[1\n["x",0]\n`],
  ["no heading", (text) => text.slice(text.indexOf("\n") + 1)],
  ["nothing", () => ""],
  ["another start of the machine", (text) => text.replace(/"boot":"[^"]*"/, '"boot":"another"')],
];
for (const [what, spoil] of spoilt)
  test(`a journal with ${what} is not believed`, () => {
    const before = journal();
    before.begin(step(1)).reach("a.test", 443);
    fs.writeFileSync(file(before), spoil(fs.readFileSync(file(before), "utf8")));
    const after = next();
    expect(after.reached(step(1), before.life)).toBeNull();
    expect(after.reached(step(2), before.life)).toBeNull();
  });

test.runIf(onLinux)(
  "on a full disk nothing false is left, and all of it is there again when there is space",
  () => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
    const before = journal();
    before.begin(step(1)).reach("a.test", 443);
    const full = Object.assign(new Error("full"), { code: "ENOSPC" });
    const writing = vi.spyOn(fs, "writeSync").mockImplementation(() => {
      throw full;
    });
    const rewriting = vi.spyOn(fs, "writeFileSync").mockImplementation(() => {
      throw full;
    });
    expect(before.begin(step(2)).reach("b.test", 443)).not.toBeNull();
    expect(fs.existsSync(file(before))).toBe(false);
    writing.mockRestore();
    rewriting.mockRestore();
    vi.advanceTimersByTime(10_000);
    const after = next();
    expect(after.reached(step(1), before.life)).toHaveLength(1);
    expect(after.reached(step(2), before.life)).toHaveLength(1);
    expect(after.reached(step(3), before.life)).toEqual([]);
  },
);

test("when it can neither be written nor removed, nothing is let out", () => {
  const before = journal();
  const refuse = () => {
    throw Object.assign(new Error("read-only"), { code: "EROFS" });
  };
  vi.spyOn(fs, "writeSync").mockImplementation(refuse);
  vi.spyOn(fs, "rmSync").mockImplementation(refuse);
  expect(before.begin(step(1)).reach("a.test", 443)).toBeNull();
});

test.runIf(onLinux)("it is bounded: of what was dropped nobody says that it did nothing", () => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  const before = journal();
  const running = before.begin(step(0));
  for (let n = 1; n <= 9_000; n += 1) {
    const trace = before.begin(step(n));
    trace.reach(`host-with-a-long-name-that-takes-space-${n}.${"x".repeat(250)}.test`, 443);
    trace.end();
  }
  const unbounded = fs.statSync(file(before)).size;
  vi.advanceTimersByTime(2_000);
  expect(fs.statSync(file(before)).size).toBeLessThan(unbounded);
  running.reach("late.test", 443);
  const after = next();
  expect(after.reached(step(1), before.life)).toBeNull();
  expect(after.reached(step(9_000), before.life)).toHaveLength(1);
  expect(after.reached(step(0), before.life)).toHaveLength(1);
  expect(after.reached({ stepId: "01910000-0000-7000-8000-000000000000", attempt: 0 }, before.life)).toEqual(
    [],
  );
});
