import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Bell, hearBell } from "./bell";

let dir: string;
let socket: string;
let bell: Bell;
let heard: boolean[];
let stop: (() => void) | undefined;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "bell-"));
  socket = path.join(dir, "engine.sock");
  bell = new Bell(socket, 0);
  heard = [];
});
afterEach(() => {
  bell.close();
  stop?.();
  stop = undefined;
  fs.rmSync(dir, { recursive: true });
});

const patient = { timeout: 20_000 };
const listen = async () => {
  stop = await hearBell(socket, (areRuns) => heard.push(areRuns));
};
/** Until it has rung. */
const rings = () => vi.waitFor(() => expect(bell.ring(true)).toBe(true), patient);
const isHeard = (times: number) => vi.waitFor(() => expect(heard).toHaveLength(times), patient);

test("while nobody is there it does not ring, and it does when somebody has come", async () => {
  expect(bell.ring(true)).toBe(false);
  await listen();
  await rings();
  await isHeard(1);
});

test("what is rung is heard, and a burst shares the next ring, which says all that is new", async () => {
  await listen();
  await rings();
  await isHeard(1);
  // It may be told that it was heard at any moment, so that the first of a burst goes alone or with the others.
  for (let n = 0; n < 100; n++) expect(bell.ring(n !== 50)).toBe(true);
  await vi.waitFor(() => expect(heard).toContain(false), patient);
  expect(heard.length).toBeLessThanOrEqual(3);
});

test("rung alone, it says whether only runs are new", async () => {
  await listen();
  await rings();
  await isHeard(1);
  await vi.waitFor(() => {
    bell.ring(false);
    expect(heard).toContain(false);
  }, patient);
  expect(heard[0]).toBe(true);
});

test("who goes is missed at once, and the next one is found", async () => {
  await listen();
  await rings();
  await isHeard(1);
  stop?.();
  await vi.waitFor(() => expect(bell.ring(true)).toBe(false), patient);
  fs.rmSync(socket, { force: true });
  await listen();
  await rings();
  await isHeard(2);
});

test("only this user may ring", async () => {
  await listen();
  expect(fs.statSync(socket).mode & 0o077).toBe(0);
});
