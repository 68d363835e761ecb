import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { runnerBook } from "@/lib/domain/runner/book";
import { registerRunner, runnerRegistration } from "@/lib/domain/runner/register";
import { connectRunner } from "@/lib/runner/client";
import type { StepFate, StepRequest, StepResult } from "@/lib/runner/contract";
import type { Life } from "@/lib/runner/fleet";
import { stepRequest, type TestServer, testServer } from "@/lib/runner/testing/local-runner";
import { bundleRunner, ended, startRunner } from "@/lib/runner/testing/runner-process";
import { makeCertificate, neverEnds } from "@/lib/runner/tls/certificate";
import { fingerprintOf } from "@/lib/runner/tls/fingerprint";
import { testDatabase } from "@/lib/testing/database";
import { Fleet } from "./fleet";

/** Two runner processes that make themselves known, one of them over mutual TLS, and engines that come and go. */

const { db } = testDatabase();
const book = runnerBook(db);
const token = "a-token-for-this-test";
const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-fleet-"));
const patienceMs = 60_000;

type Process = { name: string; port: number; url: string; env: Record<string, string>; child: ChildProcess };
let out: string;
let origin: http.Server;
let destination: TestServer;
let runners: Process[];
const fleets: Fleet[] = [];

/** The route that web serves, without web. */
async function serveRegistrations(): Promise<http.Server> {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const said = runnerRegistration.parse(JSON.parse(Buffer.concat(chunks).toString()));
      await registerRunner({ db, token, allowPlain: false, now: Date.now }, said);
      response.writeHead(request.url === "/api/runners" ? 204 : 404).end();
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What engines show to a runner that asks who calls. */
const own = makeCertificate({ name: "engine", validFrom: new Date(0), validTo: neverEnds });

async function begin(
  name: string,
  protocol: "http" | "https",
  more: Record<string, string> = {},
): Promise<Process> {
  const port = await freePort();
  const url = `${protocol}://127.0.0.1:${port}`;
  const env = {
    RUNNER_URL: url,
    RUNNER_TOKEN: token,
    RUNNER_NAME: name,
    RUNNER_REGISTER_AT: `http://127.0.0.1:${portOf(origin)}`,
    DATA_DIR: path.join(dir, name),
    EGRESS_ALLOW: "127.0.0.1",
    ...more,
  };
  return { name, port, url, env, child: startRunner(out, env) };
}

/** Starts a runner that has ended, or is ending, in the same place: another life. */
async function restart(name: string): Promise<void> {
  const one = named(name);
  await ended(one.child);
  one.child = startRunner(out, one.env);
}

/** An engine's view of the runners: it is told of none and finds them in the book. */
function engine(): Fleet {
  const fleet = new Fleet({
    addresses: [],
    book,
    everyMs: 200,
    connect: ({ address, fingerprint }, life) =>
      connectRunner({
        url: address,
        token,
        life,
        trust: fingerprint ? { fingerprints: [fingerprint], own } : {},
      }),
  });
  fleets.push(fleet);
  return fleet;
}

type Given = { request: StepRequest; life: Life; result: Promise<StepResult> };

/** A step that begins, says so, and waits for the destination to answer. */
async function give(fleet: Fleet, project: string): Promise<Given> {
  const source = `fn(s => { console.log("begun"); return s }); get(${JSON.stringify(`${destination.url}/held`)}, { parseAs: "text" })`;
  const request = stepRequest(source, { http: true, stepId: randomUUID(), projectId: project, epoch: 1 });
  const life = await fleet.pick(project);
  let begun = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const result = life.runner.runStep(request, (lines) => {
    if (lines.some(({ message }) => message.includes("begun"))) begun();
  });
  await Promise.race([hasBegun, result]);
  return { request, life, result };
}

const named = (name: string): Process => {
  const found = runners.find((one) => one.name === name);
  if (!found) throw new Error(`no runner ${name}`);
  return found;
};

/** Steps until each runner has as many. */
async function giveToEach(fleet: Fleet, each: number): Promise<Given[]> {
  const given: Given[] = [];
  for (let n = 0; n < 200; n += 1) {
    const counts = runners.map(({ name }) => given.filter(({ life }) => life.name === name).length);
    if (counts.every((count) => count >= each)) return given;
    given.push(await give(fleet, `project-${n}`));
  }
  throw new Error("One of the runners was given none.");
}

const follow = (fleet: Fleet, { request: { stepId }, life }: Given): Promise<StepFate> =>
  fleet.of(life.id).followStep({ stepId, epoch: 2, attempt: 0 }, () => {});

const bothTakeSteps = (fleet: Fleet) =>
  vi.waitFor(
    async () => {
      const states = await fleet.states();
      expect(states.filter(({ health }) => health && !health.isDraining)).toHaveLength(2);
    },
    { timeout: patienceMs, interval: 200 },
  );

beforeEach(async () => {
  destination = await testServer();
});
afterEach(async () => {
  for (const fleet of fleets.splice(0)) fleet.close();
  destination.release();
  await destination.close();
});

beforeAll(async () => {
  out = await bundleRunner(path.basename(dir));
  origin = await serveRegistrations();
  const callers = path.join(dir, "callers.pem");
  fs.writeFileSync(callers, own.cert);
  runners = [await begin("plain", "http"), await begin("secure", "https", { RUNNER_CLIENT_CA: callers })];
});

afterAll(async () => {
  for (const { child } of runners) child.kill("SIGKILL");
  await Promise.all(runners.map(({ child }) => ended(child)));
  origin.close();
  fs.rmSync(out, { recursive: true, force: true });
  fs.rmSync(dir, { recursive: true, force: true });
});

test("runners are known without being named, each by its address and certificate", async () => {
  const fleet = engine();
  await bothTakeSteps(fleet);
  const known = await book.list();
  expect(known.find(({ name }) => name === "plain")).toMatchObject({
    address: named("plain").url,
    fingerprint: null,
  });
  const file = path.join(dir, "secure/runner/certificate.pem");
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(known.find(({ name }) => name === "secure")).toMatchObject({
    address: named("secure").url,
    fingerprint: fingerprintOf(fs.readFileSync(file, "utf8")),
  });
});

test("an engine that dies is replaced by one that follows and cancels each step at its own runner", async () => {
  const first = engine();
  await bothTakeSteps(first);
  const given = await giveToEach(first, 4);
  first.close();
  const second = engine();
  const toCancel = runners.flatMap(({ name }) => given.filter(({ life }) => life.name === name).slice(0, 3));
  const fates = given.map((one) => follow(second, one));
  await Promise.all(toCancel.map(({ request, life }) => second.of(life.id).cancelStep(request.stepId)));
  const cancelled = await Promise.all(toCancel.map((one) => fates[given.indexOf(one)]));
  destination.release();
  expect(cancelled.map((fate) => fate?.kind === "result" && fate.result.reason)).toEqual(
    toCancel.map(() => "cancel"),
  );
  const others = given.filter((one) => !toCancel.includes(one));
  const ends = await Promise.all(others.map((one) => fates[given.indexOf(one)]));
  expect(ends.map((fate) => fate?.kind === "result" && fate.result.reason)).toEqual(
    others.map(() => "success"),
  );
});

const at = (given: Given[], name: string): Given[] => given.filter(({ life }) => life.name === name);
const reasons = async (given: Given[]) =>
  (await Promise.all(given.map(({ result }) => result))).map((one) => one.reason);

test("a runner that is told to stop ends what it has, while new steps go to the other", async () => {
  const fleet = engine();
  await bothTakeSteps(fleet);
  const given = await giveToEach(fleet, 2);
  const { child } = named("plain");
  child.kill("SIGTERM");
  await vi.waitFor(
    async () => {
      const plain = (await fleet.states()).find(({ name }) => name === "plain");
      expect(plain?.health?.isDraining).toBe(true);
    },
    { timeout: patienceMs, interval: 100 },
  );
  const later = [];
  for (let n = 0; n < 8; n += 1) later.push(await give(fleet, `later-${n}`));
  expect(at(later, "secure")).toHaveLength(later.length);
  // An engine that is replaced meanwhile finds the steps of the one that leaves.
  const followed = at(given, "plain").map((one) => follow(engine(), one));
  destination.release();
  expect((await Promise.all(followed)).map((fate) => fate.kind === "result" && fate.result.reason)).toEqual(
    followed.map(() => "success"),
  );
  expect(await reasons([...at(given, "secure"), ...later])).toEqual(
    [...at(given, "secure"), ...later].map(() => "success"),
  );
  await ended(child);
  expect(child.exitCode).toBe(0);
});

test("a runner that is killed loses its own steps alone, and its successor says what they had reached", async () => {
  await restart("plain");
  const fleet = engine();
  await bothTakeSteps(fleet);
  const given = await giveToEach(fleet, 2);
  await vi.waitFor(() => expect(destination.hits.length).toBe(given.length), { timeout: patienceMs });
  named("plain").child.kill("SIGKILL");
  await restart("plain");
  const lost = at(given, "plain");
  const fates = await Promise.all(lost.map((one) => follow(engine(), one)));
  const hosts = [{ host: "127.0.0.1", port: destination.port, bytesSent: expect.any(Number) }];
  expect(fates).toEqual(lost.map(() => ({ kind: "gone", hosts })));
  expect(await reasons(lost)).toEqual(lost.map(() => "lost"));
  destination.release();
  expect(await reasons(at(given, "secure"))).toEqual(at(given, "secure").map(() => "success"));
  await bothTakeSteps(fleet);
});

test("the token reaches nobody but the runner whose certificate is expected", async () => {
  const heard: string[] = [];
  const other = makeCertificate({ name: "other", validFrom: new Date(0), validTo: neverEnds });
  const expected = { fingerprints: [fingerprintOf(other.cert)] };
  const { url, port } = named("secure");
  const { fingerprint } = (await book.list()).find(({ name }) => name === "secure") ?? {};
  const pinned = { fingerprints: [fingerprint ?? ""] };
  const waits = { absenceMs: 0 };
  await expect(connectRunner({ url, token, waits, trust: expected }).health()).rejects.toMatchObject({
    cause: { message: expect.stringContaining("not trusted") },
  });
  await expect(connectRunner({ url, token, waits }).health()).rejects.toMatchObject({
    cause: { message: expect.stringContaining("self-signed") },
  });
  // The runner knows its callers, too.
  const stranger = { ...pinned, own: other };
  for (const trust of [pinned, stranger])
    await expect(connectRunner({ url, token, waits, trust }).health()).rejects.toMatchObject({
      code: "unavailable",
    });
  const between = net.createServer((socket) => {
    const onwards = net.connect(port, "127.0.0.1");
    socket.on("data", (bytes) => heard.push(bytes.toString("latin1")));
    for (const one of [socket, onwards]) one.on("error", () => undefined);
    socket.pipe(onwards).pipe(socket);
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  const through = connectRunner({
    url: `https://127.0.0.1:${portOf(between)}`,
    token,
    trust: { ...pinned, own },
  });
  expect((await through.health()).name).toBe("secure");
  expect(heard.join("")).not.toContain(token);
  between.close();
});
