import http from "node:http";
import net from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { connectRunner } from "./client";
import { NotReachableError, NotStartedError, SupersededError } from "./contract";
import { refOf } from "./results";
import {
  closeScripted,
  closing,
  life,
  portOf,
  proxyTo,
  quiet,
  scripted,
  success,
  token,
} from "./testing/scripted-runner";
import { stepRequest } from "./testing/step-request";
import type { Waits } from "./waits";

/** For what never comes: each is waited for in full, once. */
const impatient: Partial<Waits> = { connectMs: 500, headMs: 500, lineMs: 4_000, followMs: 1_000 };

afterEach(closeScripted);

const clientOf = (port: number, waits: Partial<Waits> = {}, meant: string | null = life) =>
  connectRunner({
    url: `http://127.0.0.1:${port}`,
    token,
    life: meant,
    waits: { absenceMs: 0, pauseMs: 50, ...waits },
  });

const waitFor = (what: () => unknown) => vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 20_000 });

describe("before anything has left", () => {
  test("nobody listens", async () => {
    const gone = net.createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const port = portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
    await expect(clientOf(port).runStep(stepRequest(""), quiet)).rejects.toThrow(NotStartedError);
  });

  test("the name of the machine leads nowhere", async () => {
    const nowhere = connectRunner({ url: "http://no-such-runner.invalid:1", token, life, waits: impatient });
    await expect(nowhere.runStep(stepRequest(""), quiet)).rejects.toThrow(NotStartedError);
  }, 30_000);

  test("the address takes no packets", async () => {
    // TEST-NET-1: routed nowhere; refused, unreachable or silent, as the machine has it.
    const away = connectRunner({ url: "http://192.0.2.1:9", token, life, waits: impatient });
    await expect(away.runStep(stepRequest(""), quiet)).rejects.toThrow(NotStartedError);
  });

  test("a machine accepts and says nothing, as a frozen one does: the request is kept back", async () => {
    let got = "";
    const frozen = net.createServer((socket) => {
      socket.on("error", quiet);
      socket.on("data", (bytes) => {
        got += bytes.toString();
      });
      closing.push(async () => socket.destroy());
    });
    await new Promise<void>((resolve) => frozen.listen(0, "127.0.0.1", resolve));
    closing.push(async () => frozen.close());
    const request = stepRequest("a secret source", { configuration: { password: "s3cret" } });
    await expect(clientOf(portOf(frozen), impatient).runStep(request, quiet)).rejects.toThrow(
      NotStartedError,
    );
    expect(got).toContain("POST /steps");
    expect(got).not.toContain("s3cret");
  });

  test("a machine hangs up before it has taken the request", async () => {
    const rude = net.createServer((socket) => socket.once("data", () => socket.destroy()));
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    closing.push(async () => rude.close());
    await expect(clientOf(portOf(rude)).runStep(stepRequest(""), quiet)).rejects.toThrow(NotStartedError);
  });

  test("the runner is being stopped", async () => {
    const { port, steps } = await scripted();
    void steps.drain(0);
    await expect(clientOf(port).runStep(stepRequest(""), quiet)).rejects.toThrow(NotStartedError);
  });

  test("another life answers", async () => {
    const { port, ends } = await scripted({ life: "22222222-2222-4222-8222-222222222222" });
    await expect(clientOf(port).runStep(stepRequest(""), quiet)).rejects.toThrow(NotStartedError);
    expect(ends.size).toBe(0);
  });

  test("no worker could be had", async () => {
    const { port, ends } = await scripted();
    const request = stepRequest("");
    const running = clientOf(port).runStep(request, quiet);
    running.catch(quiet);
    await waitFor(() => ends.has(request.stepId));
    ends.get(request.stepId)?.({ notBegun: "no worker" });
    await expect(running).rejects.toThrow(NotStartedError);
  });
});

describe("once a step may run", () => {
  test("a machine that vanishes without a word is noticed: the step is lost, and whoever waited goes on", async () => {
    const { port, ends } = await scripted();
    const proxy = await proxyTo(port);
    const request = stepRequest("");
    const running = clientOf(proxy.port, impatient).runStep(request, quiet);
    await waitFor(() => ends.has(request.stepId));
    proxy.vanish();
    expect(await running).toMatchObject({ reason: "lost", error: { type: "Lost" } });
    await expect(clientOf(proxy.port, impatient).followStep(refOf(request), quiet)).rejects.toThrow(
      NotReachableError,
    );
  }, 30_000);

  test("beats keep the stream of a step that says nothing, however long", async () => {
    const { port, ends } = await scripted();
    const request = stepRequest("");
    let isOver = false;
    const lineMs = 4_000;
    const running = clientOf(port, { lineMs })
      .runStep(request, quiet)
      .finally(() => {
        isOver = true;
      });
    await waitFor(() => ends.has(request.stepId));
    // Longer than the silence that is borne.
    await new Promise((resolve) => setTimeout(resolve, lineMs + 2_000));
    expect(isOver).toBe(false);
    ends.get(request.stepId)?.(success);
    expect((await running).reason).toBe("success");
  }, 30_000);

  test("steps one after the other, and what is said of them, keep their connections", async () => {
    const { port, ends, server } = await scripted();
    let connections = 0;
    server.on("connection", () => {
      connections++;
    });
    const client = clientOf(port);
    for (let i = 0; i < 5; i++) {
      const request = stepRequest("");
      const running = client.runStep(request, quiet);
      await waitFor(() => ends.has(request.stepId));
      ends.get(request.stepId)?.(success);
      expect((await running).reason).toBe("success");
      expect((await client.followStep(refOf(request), quiet)).kind).toBe("result");
      await client.forgetStep(refOf(request));
    }
    // The end of an answer may come after the next call has begun.
    expect(connections).toBeLessThan(5);
  });

  test("a connection that breaks is made again, and the step goes on", async () => {
    const { port, ends } = await scripted();
    const proxy = await proxyTo(port);
    const request = stepRequest("");
    const running = clientOf(proxy.port).runStep(request, quiet);
    await waitFor(() => ends.has(request.stepId));
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 200));
    ends.get(request.stepId)?.(success);
    expect((await running).reason).toBe("success");
  });

  test("the next life says what the step had sent, and to whom", async () => {
    const first = await scripted();
    const proxied = { port: first.port };
    const relay = net.createServer((near) => {
      near.on("error", quiet);
      const far = net.connect(proxied.port, "127.0.0.1");
      far.on("error", () => near.destroy());
      near.pipe(far).pipe(near);
      near.on("close", () => far.destroy());
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    closing.push(async () => relay.close());
    const request = stepRequest("");
    // Not told which life: it holds on to the one that took the step.
    const running = clientOf(portOf(relay), {}, null).runStep(request, quiet);
    await waitFor(() => first.ends.has(request.stepId));
    const second = await scripted({ life: "22222222-2222-4222-8222-222222222222" });
    proxied.port = second.port;
    first.server.closeAllConnections();
    const result = await running;
    expect(result).toMatchObject({
      reason: "lost",
      connections: [{ host: "a.test", port: 443, bytesSent: 12 }],
    });
    expect(result.error?.message).toContain("a.test:443 (12 bytes)");
  });

  test("an older executor hears that it is one", async () => {
    const { port, ends } = await scripted();
    const request = { ...stepRequest(""), epoch: 1 };
    const running = clientOf(port).runStep(request, quiet);
    running.catch(quiet);
    await waitFor(() => ends.has(request.stepId));
    const successor = clientOf(port).followStep({ ...refOf(request), epoch: 2 }, quiet);
    await expect(running).rejects.toThrow(SupersededError);
    await expect(clientOf(port).followStep(refOf(request), quiet)).rejects.toThrow(SupersededError);
    await expect(clientOf(port).forgetStep(refOf(request))).rejects.toThrow(SupersededError);
    ends.get(request.stepId)?.(success);
    expect(await successor).toMatchObject({ kind: "result", result: { reason: "success" } });
  });

  test("a step that has not arrived is never started, and cannot be any more by who came before", async () => {
    const { port, ends } = await scripted();
    const request = { ...stepRequest(""), epoch: 1 };
    const fate = await clientOf(port).followStep({ ...refOf(request), epoch: 2 }, quiet);
    expect(fate).toEqual({ kind: "never_started" });
    await expect(clientOf(port).runStep(request, quiet)).rejects.toThrow(SupersededError);
    expect(ends.size).toBe(0);
  });

  test("a cancel that overtakes its step ends it when it arrives", async () => {
    const { port, ends } = await scripted();
    const request = stepRequest("");
    await clientOf(port).cancelStep(request.stepId);
    expect((await clientOf(port).runStep(request, quiet)).reason).toBe("cancel");
    expect(ends.size).toBe(0);
  });
});

describe("whole answers", () => {
  test("one that never ends is not waited for", async () => {
    const endless = http.createServer((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 100);
      response.on("close", () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve));
    closing.push(async () => {
      endless.closeAllConnections();
      endless.close();
    });
    await expect(clientOf(portOf(endless)).health()).rejects.toMatchObject({ code: "unavailable" });
  }, 30_000);

  test("one that takes long is waited for while it is said to be in hand", async () => {
    const slow = http.createServer((_, response) => {
      const beat = setInterval(() => response.writeProcessing(), 100);
      setTimeout(() => {
        clearInterval(beat);
        response.end('{"ok":true}');
      }, 4_000);
    });
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    closing.push(async () => {
      slow.closeAllConnections();
      slow.close();
    });
    expect(await clientOf(portOf(slow), { headMs: 2_000, lineMs: 2_000 }).health()).toEqual({ ok: true });
  });
});

describe("what may be forgotten", () => {
  const requests = (server: net.Server): string[] => {
    const seen: string[] = [];
    server.on("request", ({ method, url }: http.IncomingMessage) => seen.push(`${method} ${url}`));
    return seen;
  };

  test("is told in one request for all of a moment, and each is answered for itself", async () => {
    const { port, steps, ends, server } = await scripted();
    const client = clientOf(port);
    const all = [stepRequest(""), stepRequest(""), stepRequest("")];
    const running = all.map((request) => client.runStep(request, quiet));
    await expect.poll(() => ends.size).toBe(all.length);
    for (const end of ends.values()) end(success);
    await Promise.all(running);
    const [first, taken, last] = all.map(refOf);
    if (!first || !taken || !last) throw new Error("three were made");
    steps.follow({ ...taken, epoch: taken.epoch + 1 }, { event: quiet });
    const seen = requests(server);
    const told = await Promise.allSettled([first, taken, last].map((ref) => client.forgetStep(ref)));
    expect(told.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(told[1]).toMatchObject({ reason: expect.any(SupersededError) });
    expect(seen).toEqual(["POST /forgotten"]);
    expect((await client.followStep(first, quiet)).kind).toBe("gone");
    expect((await client.followStep({ ...taken, epoch: taken.epoch + 1 }, quiet)).kind).toBe("result");
  });

  test("is told one by one to a runner of the release before", async () => {
    const server = http.createServer((request, response) => {
      response.statusCode = request.method === "DELETE" ? 204 : 404;
      request.resume().on("end", () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    const seen = requests(server);
    const client = clientOf(portOf(server));
    await Promise.all(["a", "b"].map((stepId) => client.forgetStep({ stepId, epoch: 1, attempt: 0 })));
    expect(seen.sort()).toEqual([
      "DELETE /steps/a?epoch=1&attempt=0",
      "DELETE /steps/b?epoch=1&attempt=0",
      "POST /forgotten",
    ]);
  });
});
