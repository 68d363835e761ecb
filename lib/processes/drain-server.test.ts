import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Drained, drainable } from "./drain-server";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const servers: http.Server[] = [];
const agents: http.Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const server of servers.splice(0)) server.closeAllConnections();
});

async function serve(handler: Handler) {
  const server = http.createServer(handler);
  servers.push(server);
  const drained = drainable(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  const get = (options: http.RequestOptions = { agent }) =>
    new Promise<{ status: number | undefined; connection: string | undefined; body: string }>(
      (resolve, reject) => {
        const request = http.get({ port, host: "127.0.0.1", ...options }, async (response) => {
          const body = await text(response).catch((error: Error) => `cut: ${error.message}`);
          resolve({ status: response.statusCode, connection: response.headers.connection, body });
        });
        request.once("error", reject);
      },
    );
  return { drained, get };
}

const drain = (drained: Drained, how: Partial<Parameters<Drained["drain"]>[0]> = {}) =>
  drained.drain({ drainMs: 600_000, endStreams: () => {}, onOpen: () => {}, ...how });

describe("a server that is told to stop", () => {
  it("answers what is under way, says that the connection ends, and lets nobody new in", async () => {
    const waiting: ServerResponse[] = [];
    const { drained, get } = await serve((_, response) => waiting.push(response));
    const answer = get();
    await vi.waitFor(() => expect(waiting).toHaveLength(1), { timeout: 20_000 });
    const counts: number[] = [];
    const stopped = drain(drained, { onOpen: (count) => counts.push(count) });
    await expect(get({ agent: false })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    waiting[0]?.end("answered");
    expect(await answer).toEqual({ status: 200, connection: "close", body: "answered" });
    await stopped;
    expect(counts[0]).toBe(1);
  });

  it("still answers over a connection that was kept, and says that it ends", async () => {
    const { drained, get } = await serve((_, response) => response.end("here"));
    expect((await get()).connection).toBe("keep-alive");
    const stopped = drain(drained);
    expect(await get()).toEqual({ status: 200, connection: "close", body: "here" });
    await stopped;
  });

  it("closes connections that are kept and not used", async () => {
    const { drained, get } = await serve((_, response) => response.end("here"));
    expect((await get()).connection).toBe("keep-alive");
    await drain(drained);
  });

  it("ends streams, those that begin meanwhile too", async () => {
    const streams = new Set<ServerResponse>();
    const { drained, get } = await serve((_, response) => {
      response.write("data: 1\n\n");
      streams.add(response);
    });
    const first = get();
    await vi.waitFor(() => expect(streams.size).toBe(1), { timeout: 20_000 });
    const endStreams = () => {
      for (const stream of streams) stream.end("retry: 1\n");
    };
    await drain(drained, { endStreams });
    expect((await first).body).toBe("data: 1\n\nretry: 1\n");
  });

  it.each(["when its time is over", "when it is hurried"])("cuts off what does not end %s", async (when) => {
    const waiting: ServerResponse[] = [];
    const { drained, get } = await serve((_, response) => waiting.push(response));
    const answer = get().catch((error: NodeJS.ErrnoException) => error.code);
    await vi.waitFor(() => expect(waiting).toHaveLength(1), { timeout: 20_000 });
    const stopped = drain(drained, when.includes("hurried") ? {} : { drainMs: 1 });
    if (when.includes("hurried")) drained.hurry();
    await stopped;
    expect(await answer).toBe("ECONNRESET");
  });
});
