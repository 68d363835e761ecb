import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { adaptorArtefacts } from "@/db/schema";
import { connectRunner } from "@/lib/runner/client";
import type { Runner } from "@/lib/runner/contract";
import { type StubRegistry, startRegistry } from "@/lib/runner/fixtures/registry";
import { createRunner, type LocalRunner } from "@/lib/runner/host/runner";
import { serveRunner } from "@/lib/runner/host/server";
import { stepRequest } from "@/lib/runner/testing/local-runner";
import { withArtefacts } from "@/lib/runner/with-artefacts";
import { testDatabase } from "@/lib/testing/database";
import { artefactStore, keepArtefact } from "./artefacts";

/** A name of this run: the database may be shared. */
const name = `@openfn/language-stub${Date.now()}`;
const adaptor = { name, version: "1.0.0" };
const token = "a-token-for-this-test";
const database = testDatabase();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-artefacts-"));
const stops: (() => Promise<unknown>)[] = [];
let registry: StubRegistry;

beforeAll(async () => {
  registry = await startRegistry({
    name,
    version: adaptor.version,
    files: {
      "index.js": "export const fn = (f) => f; export const mark = () => (s) => ({ ...s, mark: 1 });",
    },
  });
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await registry.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

type Machine = { runner: Runner; local: LocalRunner; url: string; dir: string };

/** A runner with a store of its own, over HTTP. */
async function machine(label: string, from = registry.url): Promise<Machine> {
  const dir = path.join(folder, label);
  const local = await createRunner({ adaptorDir: dir, registry: from, workers: 2, blanks: 1 });
  const socketPath = path.join(folder, `${label}.sock`);
  const server = await serveRunner(local, { address: { socketPath }, token });
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
    await local.close();
  });
  return { runner: connectRunner({ url: `unix:${socketPath}`, token }), local, url: socketPath, dir };
}

const given = (runner: Runner) => withArtefacts(runner, artefactStore(database.db));
const nowhere = "http://127.0.0.1:9/";
const step = (stepId: string) => {
  const request = stepRequest("mark()", { stepId });
  return { ...request, job: { ...request.job, adaptor } };
};
const stored = () => database.db.select().from(adaptorArtefacts).where(eq(adaptorArtefacts.name, name));

test("a step runs on a machine without a registry, after another built its adaptor and is gone", async () => {
  const a = await machine("a");
  const first = await given(a.runner).runStep(step("on-a"), () => {});
  expect(first).toMatchObject({ reason: "success", output: '{"data":{},"mark":1}' });
  await vi.waitFor(async () => expect(await stored()).toHaveLength(1), 10_000);
  fs.rmSync(a.dir, { recursive: true });

  const b = await machine("b", nowhere);
  const lines: string[] = [];
  const onLog = (more: { message: string }[]) => lines.push(...more.map((line) => line.message));
  const second = await given(b.runner).runStep(step("on-b"), onLog);
  expect(second).toMatchObject({ reason: "success", output: '{"data":{},"mark":1}' });
  expect(lines.join("\n")).not.toContain("aborted");
  expect((await b.runner.listAdaptors()).map((info) => info.name)).toEqual([name]);
});

test("a step whose adaptor nobody stored fails with the reason in its log", async () => {
  const c = await machine("c", nowhere);
  const request = step("on-c");
  const lines: string[] = [];
  const other = { ...request, job: { ...request.job, adaptor: { name, version: "9.9.9" } } };
  const result = await given(c.runner).runStep(other, (more) =>
    lines.push(...more.map((line) => line.message)),
  );
  expect(result).toMatchObject({ reason: "exception", error: { type: "AdaptorLoadError" } });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("cannot be reached");
});

test("an artefact is taken only under its own hash, with the token, and never stored twice", async () => {
  const [row] = await stored();
  if (!row) throw new Error("The first test stores the artefact.");
  const d = await machine("d", nowhere);
  const changed = Buffer.from(row.bytes);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  await expect(d.runner.importArtefact(row.hash, changed)).rejects.toThrow("damaged");
  await expect(d.runner.importArtefact("../../etc/passwd", row.bytes)).rejects.toThrow("SHA-256");
  await expect(d.runner.exportArtefact(row.hash)).rejects.toThrow("not stored");
  const stranger = connectRunner({ url: `unix:${d.url}`, token: "another" });
  await expect(stranger.importArtefact(row.hash, row.bytes)).rejects.toThrow("token");
  await expect(d.runner.importArtefact(row.hash, Buffer.alloc(65 * 1024 * 1024))).rejects.toThrow();
  expect(await d.runner.listAdaptors()).toEqual([]);

  const info = await d.runner.importArtefact(row.hash, row.bytes);
  expect(Buffer.compare(await d.runner.exportArtefact(row.hash), Buffer.from(row.bytes))).toBe(0);
  await keepArtefact(database.db, d.runner, info);
  expect(await stored()).toHaveLength(1);
});
