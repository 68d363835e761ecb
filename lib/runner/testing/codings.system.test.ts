import os from "node:os";
import path from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { connectRunner } from "@/lib/runner/client";
import { serveRunner } from "@/lib/runner/host/server";
import { stepRequest, testRunner } from "./local-runner";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

test("on the way to a job and back a payload is coded once for each hand that it passes through", async () => {
  const runner = await testRunner();
  const socketPath = path.join(os.tmpdir(), `waybill-codings-${process.pid}`);
  const server = await serveRunner(runner, { address: { socketPath }, token: "t" });
  closing.push(
    () => server.close(),
    () => runner.close(),
  );
  const client = connectRunner({ url: `unix:${socketPath}`, token: "t", life: runner.life });
  const mark = "a value that is nowhere else";
  const request = stepRequest("fn(state => state)", { state: { data: { mark } } });
  const parse = vi.spyOn(JSON, "parse");
  const stringify = vi.spyOn(JSON, "stringify");
  const result = await client.runStep(request, () => undefined);
  const has = (text: unknown): boolean => typeof text === "string" && text.includes(mark);
  const parsed = parse.mock.calls.filter(([text]) => has(text)).length;
  const encoded = stringify.mock.results.filter(({ value }) => has(value)).length;
  vi.restoreAllMocks();
  expect(result.output).toContain(mark);
  // Into the request and into the event that brings the result; the job's own process decodes and encodes once more.
  expect(encoded).toBe(2);
  // Out of both, and that a hostile process has answered with JSON at all.
  expect(parsed).toBe(3);
}, 60_000);
