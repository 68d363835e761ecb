import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Place, type Stretch, startProxy } from "./proxy";

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** Says back what it hears, and ends when its caller has ended. */
async function echo(place: Place): Promise<Place> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(place, resolve));
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  const address = server.address();
  return typeof address === "object" && address ? { host: "127.0.0.1", port: address.port } : place;
}

const kinds = {
  tcp: () => ({ host: "127.0.0.1", port: 0 }),
  unix: () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-proxy-"));
    opened.push({ close: () => fs.rmSync(dir, { recursive: true }) });
    return { path: path.join(dir, "s") };
  },
};

async function start(kind: keyof typeof kinds): Promise<Stretch> {
  const proxy = await startProxy(await echo(kinds[kind]()), kinds[kind]());
  opened.push(proxy);
  return proxy;
}

function call({ place }: Stretch) {
  const heard = { text: "", isOver: false, error: "" };
  const socket = net.connect({ ...place, allowHalfOpen: true });
  socket.on("data", (chunk) => {
    heard.text += chunk;
  });
  socket.on("end", () => {
    heard.isOver = true;
  });
  socket.on("error", (error) => {
    heard.error = (error as { code?: string }).code ?? "";
  });
  opened.push({ close: () => socket.destroy() });
  return { socket, heard };
}

describe.each(["tcp", "unix"] as const)("over %s", (kind) => {
  test("bytes and the end pass both ways", async () => {
    const proxy = await start(kind);
    const { socket, heard } = call(proxy);
    const sent = "x".repeat(1_000_000);
    socket.end(sent);
    await vi.waitFor(() => expect(heard.isOver).toBe(true));
    expect(heard.text).toBe(sent);
    await vi.waitFor(() => expect(proxy.open).toBe(0));
  });

  test("who is refused hears it, at the same place that serves again once it is healed", async () => {
    const proxy = await start(kind);
    const before = call(proxy);
    before.socket.write("a");
    await vi.waitFor(() => expect(before.heard.text).toBe("a"));
    const { place } = proxy;
    await proxy.refuse();
    await vi.waitFor(() => expect(before.heard.isOver || before.heard.error !== "").toBe(true));
    const during = call(proxy);
    await vi.waitFor(() => expect(during.heard.error).toBe(kind === "tcp" ? "ECONNREFUSED" : "ENOENT"));
    await proxy.heal();
    expect(proxy.place).toEqual(place);
    const after = call(proxy);
    after.socket.write("b");
    await vi.waitFor(() => expect(after.heard.text).toBe("b"));
  });

  test("a black hole lets nothing pass, not even the end, and what it held arrives when it is healed", async () => {
    const proxy = await start(kind);
    const old = call(proxy);
    old.socket.write("a");
    await vi.waitFor(() => expect(old.heard.text).toBe("a"));
    proxy.blackhole();
    const young = call(proxy);
    await once(young.socket, "connect");
    old.socket.end("b");
    young.socket.write("c");
    // A round trip elsewhere takes as long as theirs would.
    const beside = call(await start(kind));
    beside.socket.end("d");
    await vi.waitFor(() => expect(beside.heard.isOver).toBe(true));
    expect([old.heard, young.heard]).toEqual([
      { text: "a", isOver: false, error: "" },
      { text: "", isOver: false, error: "" },
    ]);
    await proxy.heal();
    await vi.waitFor(() => expect(old.heard).toEqual({ text: "ab", isOver: true, error: "" }));
    await vi.waitFor(() => expect(young.heard.text).toBe("c"));
  });

  test("what a black hole held can be reset instead", async () => {
    const proxy = await start(kind);
    proxy.blackhole();
    const { socket, heard } = call(proxy);
    await once(socket, "connect");
    await vi.waitFor(() => expect(proxy.open).toBe(1));
    socket.write("a");
    await proxy.heal({ isReset: true });
    await vi.waitFor(() => expect(heard.isOver || heard.error !== "").toBe(true));
    expect(heard.text).toBe("");
  });

  test("what is delayed arrives, whole and in order", async () => {
    const proxy = await start(kind);
    proxy.delay(5);
    const { socket, heard } = call(proxy);
    for (const letter of "abcdef") socket.write(letter);
    socket.end();
    await vi.waitFor(() => expect(heard).toEqual({ text: "abcdef", isOver: true, error: "" }));
  });
});
