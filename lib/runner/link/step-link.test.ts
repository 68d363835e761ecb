import { Buffer } from "node:buffer";
import http from "node:http";
import type net from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { connectRunner } from "@/lib/runner/client";
import { type LogLine, NotStartedError, type Runner, SupersededError } from "@/lib/runner/contract";
import { refOf } from "@/lib/runner/results";
import {
  closeScripted,
  life,
  proxyTo,
  quiet,
  scripted,
  success,
  token,
} from "@/lib/runner/testing/scripted-runner";
import { stepRequest } from "@/lib/runner/testing/step-request";
import type { Waits } from "@/lib/runner/waits";
import { FrameReader, frame, maxPieceBytes, maxRequestBytes, said, told, upgrade } from "./frames";

afterEach(closeScripted);

const waitFor = (what: () => unknown) => vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 20_000 });

const clientOf = (port: number, waits: Partial<Waits> = {}) =>
  connectRunner({
    url: `http://127.0.0.1:${port}`,
    ...{ token, life, waits: { absenceMs: 0, pauseMs: 50, ...waits } },
  });

type Scripted = Awaited<ReturnType<typeof scripted>>;

/** The starts that came by HTTP. */
function startsByHttp({ server }: Scripted): () => number {
  let count = 0;
  const note = ({ method, url }: http.IncomingMessage) => {
    if (method === "POST" && url === "/steps") count++;
  };
  server.on("request", note);
  server.on("checkContinue", note);
  return () => count;
}

/** Runs steps that end at once until one has not gone by HTTP. */
async function untilLinked(client: Runner, byHttp: () => number): Promise<void> {
  await vi.waitFor(
    async () => {
      const request = stepRequest("");
      await client.cancelStep(request.stepId);
      const before = byHttp();
      await client.runStep(request, quiet);
      expect(byHttp()).toBe(before);
    },
    { timeout: 20_000 },
  );
}

/** A client whose link to a scripted runner stands, through a proxy. */
async function linked(waits: Partial<Waits> = {}) {
  const runner = await scripted();
  const proxy = await proxyTo(runner.port);
  const byHttp = startsByHttp(runner);
  const client = clientOf(proxy.port, waits);
  await untilLinked(client, byHttp);
  return { ...runner, proxy, client, byHttp, already: byHttp() };
}

const line = (seq: number, message: string): LogLine =>
  ({ seq, level: "info", source: "job", message, at: 1 }) as never;

describe("over a link", () => {
  test("a step's lines and result come, and no start goes by HTTP", async () => {
    const { client, ends, emits, byHttp, already } = await linked();
    const lines: LogLine[] = [];
    const request = stepRequest("");
    const running = client.runStep(request, (more) => lines.push(...more));
    await waitFor(() => ends.has(request.stepId));
    emits.get(request.stepId)?.(line(0, "größer – 漢字 🙂".repeat(maxPieceBytes / 8)));
    ends.get(request.stepId)?.(success);
    expect(await running).toEqual(success);
    expect(lines.map(({ message }) => message)).toEqual(["größer – 漢字 🙂".repeat(maxPieceBytes / 8)]);
    expect(byHttp()).toBe(already);
  });

  test("a step that logs a lot does not keep another's result", async () => {
    const { client, ends, emits } = await linked();
    const loud = stepRequest("");
    const short = stepRequest("");
    let heard = 0;
    const running = client.runStep(loud, (lines) => {
      heard += lines.length;
    });
    await waitFor(() => ends.has(loud.stepId));
    const other = client.runStep(short, quiet);
    await waitFor(() => ends.has(short.stepId));
    const all = 400;
    for (let seq = 0; seq < all; seq++) emits.get(loud.stepId)?.(line(seq, "x".repeat(maxPieceBytes)));
    ends.get(loud.stepId)?.(success);
    ends.get(short.stepId)?.(success);
    await other;
    // Both ended in one turn; what was said by the loud one before is still on its way.
    expect(heard).toBeLessThan(all);
    await running;
    expect(heard).toBe(all);
  });

  test("a socket that is cut while a step runs ends nothing: the step is followed", async () => {
    const { client, ends, proxy } = await linked();
    const request = stepRequest("");
    const running = client.runStep(request, quiet);
    await waitFor(() => ends.has(request.stepId));
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 200));
    ends.get(request.stepId)?.(success);
    expect((await running).reason).toBe("success");
    expect(ends.size).toBe(1);
  });

  test("a machine that has vanished takes no step; one that vanishes has lost it", async () => {
    const { client, ends, proxy } = await linked({
      connectMs: 3_000,
      headMs: 3_000,
      lineMs: 6_000,
      followMs: 1_000,
    });
    const request = stepRequest("");
    const running = client.runStep(request, quiet);
    running.catch(quiet);
    await waitFor(() => ends.has(request.stepId));
    proxy.vanish();
    await expect(client.runStep(stepRequest(""), quiet)).rejects.toThrow(NotStartedError);
    expect(await running).toMatchObject({ reason: "lost", error: { type: "Lost" } });
    expect(ends.size).toBe(1);
  }, 30_000);

  test("a step for which no worker could be had, and an older executor, hear it", async () => {
    const { client, ends } = await linked();
    const first = stepRequest("");
    const running = client.runStep(first, quiet);
    running.catch(quiet);
    await waitFor(() => ends.has(first.stepId));
    ends.get(first.stepId)?.({ notBegun: "no worker" });
    await expect(running).rejects.toThrow(NotStartedError);
    const second = { ...stepRequest(""), epoch: 1 };
    const older = client.runStep(second, quiet);
    older.catch(quiet);
    await waitFor(() => ends.has(second.stepId));
    const successor = client.followStep({ ...refOf(second), epoch: 2 }, quiet);
    await expect(older).rejects.toThrow(SupersededError);
    await expect(client.runStep(second, quiet)).rejects.toThrow(SupersededError);
    ends.get(second.stepId)?.(success);
    expect((await successor).kind).toBe("result");
  });

  test("a runner that is being stopped starts nothing, and its links end when the steps on them have", async () => {
    const { client, ends, steps, server } = await linked();
    const request = stepRequest("");
    const running = client.runStep(request, quiet);
    await waitFor(() => ends.has(request.stepId));
    void steps.drain(0);
    await expect(client.runStep(stepRequest(""), quiet)).rejects.toThrow(NotStartedError);
    server.closeIdleConnections();
    ends.get(request.stepId)?.(success);
    expect((await running).reason).toBe("success");
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await closed;
  });

  test("a request that is larger than a frame goes by HTTP", async () => {
    const { client, ends, byHttp, already } = await linked();
    const request = stepRequest("", { state: { data: "x".repeat(maxRequestBytes) } });
    const running = client.runStep(request, quiet);
    await waitFor(() => ends.has(request.stepId));
    ends.get(request.stepId)?.(success);
    await running;
    expect(byHttp()).toBe(already + 1);
  });
});

/** A link spoken by hand. */
async function spoken(port: number, headers: Record<string, string> = {}) {
  const request = http.request({
    ...{ port, host: "127.0.0.1", path: upgrade.path },
    headers: {
      ...{ authorization: `Bearer ${token}`, "x-waybill-life": life, connection: "upgrade" },
      ...{ upgrade: upgrade.protocol, ...headers },
    },
  });
  request.end();
  return new Promise<{ status: number; socket: net.Socket | null }>((resolve, reject) => {
    request.once("error", reject);
    request.once("response", ({ statusCode = 0 }) => resolve({ status: statusCode, socket: null }));
    request.once("upgrade", (_, socket) => resolve({ status: 101, socket: socket as net.Socket }));
  });
}

describe("a runner", () => {
  test("gives a link to whoever has the token and means this life", async () => {
    const { port } = await scripted();
    expect(await spoken(port, { authorization: "Bearer wrong" })).toMatchObject({ status: 401 });
    expect(await spoken(port, { "x-waybill-life": "another" })).toMatchObject({ status: 409 });
    expect(await spoken(port, { upgrade: "websocket" })).toMatchObject({ status: 404 });
  });

  test.each([
    ["an oversized frame", () => Buffer.from([255, 255, 255, 127, 1, 0, 0, 0, said.ask])],
    ["a request that was not asked for", () => Buffer.concat(frame(1, said.request, Buffer.from("{}")))],
    ["a frame of no kind", () => Buffer.concat(frame(1, 99, Buffer.alloc(0)))],
  ])("hears no more of whoever sends %s", async (_, bytes) => {
    const { port, ends } = await scripted();
    const { socket } = await spoken(port);
    const closed = new Promise((resolve) => socket?.on("error", quiet).on("close", resolve));
    socket?.resume().write(bytes());
    await closed;
    expect(ends.size).toBe(0);
  });

  test("begins nothing when the socket is cut before the request has come whole", async () => {
    const { port, ends, server } = await scripted();
    const { socket } = await spoken(port);
    if (!socket) throw new Error("no link");
    const kinds: number[] = [];
    const reader = new FrameReader(maxPieceBytes, (_, kind) => kinds.push(kind));
    socket.on("data", (chunk: Buffer) => reader.read(chunk));
    socket.write(Buffer.concat(frame(1, said.ask, Buffer.from("1"))));
    await waitFor(() => kinds.includes(told.go));
    const whole = Buffer.concat(frame(1, said.request, Buffer.from(JSON.stringify(stepRequest("")))));
    socket.end(whole.subarray(0, whole.length - 1));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(ends.size).toBe(0);
    server.closeAllConnections();
  });
});

describe("a runner of the release before", () => {
  test("is given its steps by HTTP", async () => {
    const runner = await scripted();
    runner.server.removeAllListeners("upgrade");
    const byHttp = startsByHttp(runner);
    const client = clientOf(runner.port);
    for (let i = 1; i <= 3; i++) {
      const request = stepRequest("");
      const running = client.runStep(request, quiet);
      await waitFor(() => runner.ends.has(request.stepId));
      runner.ends.get(request.stepId)?.(success);
      expect((await running).reason).toBe("success");
      expect(byHttp()).toBe(i);
    }
  });
});

test("a frame is found however its bytes arrive", () => {
  const bytes = Buffer.concat([
    ...frame(1, said.ask, Buffer.from("one")),
    ...frame(2, told.end, Buffer.alloc(0)),
    ...frame(3, told.events, Buffer.from("three")),
  ]);
  for (let size = 1; size <= bytes.length; size++) {
    const found: [number, number, string][] = [];
    const reader = new FrameReader(16, (step, kind, payload) => found.push([step, kind, payload.toString()]));
    for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size));
    expect(found).toEqual([
      [1, said.ask, "one"],
      [2, told.end, ""],
      [3, told.events, "three"],
    ]);
  }
});
