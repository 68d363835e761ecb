import http from "node:http";
import net from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EgressPolicy } from "./egress-policy";
import { type PostRequest, postOutbound } from "./post";

let port = 0;
const hits: string[] = [];
const sockets = new Set<net.Socket>();
const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    hits.push(`${request.method} ${request.url} ${body}`);
    if (request.url === "/redirect") response.writeHead(307, { location: "http://169.254.169.254/" }).end();
    else if (request.url === "/huge") {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(1_000_000)));
      };
      response.on("drain", more);
      more();
    } else if (request.url === "/endless") response.writeHead(200).write("so far");
    else if (request.url === "/dies") request.socket.destroy();
    else if (request.url !== "/silent") response.writeHead(500).end("secret detail");
  });
});
beforeAll(async () => {
  server.on("connection", (socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const closed = new EgressPolicy({ resolve: async () => ["127.0.0.1"] });
const open = () => new EgressPolicy({ allow: [`127.0.0.1:${port}`], resolve: async () => ["127.0.0.1"] });
const send = (at: string, more: Partial<PostRequest> = {}, policy = open()) =>
  postOutbound(policy, {
    url: at.startsWith("/") ? `http://hook.test:${port}${at}` : at,
    headers: { "content-type": "text/plain" },
    body: "ä told",
    ...more,
  });

test("says what was answered, follows no redirect and reads nothing more", async () => {
  expect(await send("/refuses")).toEqual({ outcome: "answered", status: 500 });
  expect(await send("/redirect")).toEqual({ outcome: "answered", status: 307 });
  expect(await send("/huge")).toEqual({ outcome: "answered", status: 200 });
  expect(await send("/endless")).toEqual({ outcome: "answered", status: 200 });
  expect(hits).toEqual(["/refuses", "/redirect", "/huge", "/endless"].map((at) => `POST ${at} ä told`));
  // It hangs up on what goes on.
  await vi.waitFor(() => expect([...sockets].every((socket) => socket.destroyed)).toBe(true), 10_000);
});

test("nothing goes to a private address, whatever leads there", async () => {
  hits.length = 0;
  for (const url of [
    `http://hook.test:${port}/`,
    `http://127.0.0.1:${port}/`,
    `http://0x7f.1:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
  ])
    expect(await send(url, {}, closed)).toEqual({
      outcome: "unreached",
      reason: "its address may not be reached (the operator can allow it in EGRESS_ALLOW)",
    });
  const answers = [["93.184.216.34"], ["127.0.0.1"]];
  const flipping = new EgressPolicy({ resolve: async () => answers.shift() ?? ["127.0.0.1"] });
  expect(await send("/", {}, flipping)).toMatchObject({ outcome: "unreached" });
  for (const url of ["file:///etc/passwd", "nothing", "http://user:pw@example.org/"])
    expect(await send(url)).toMatchObject({
      outcome: "unreached",
      reason: expect.stringContaining("no plain http"),
    });
  expect(hits).toEqual([]);
});

test("what was never answered may have arrived", async () => {
  const patience = new AbortController();
  const silent = send("/silent", { signal: patience.signal });
  await vi.waitFor(() => expect(hits).toContain("POST /silent ä told"), 10_000);
  patience.abort();
  expect(await silent).toEqual({ outcome: "unanswered" });
  expect(await send("/dies")).toEqual({ outcome: "unanswered" });
});

test("what may not be handed over is not, and is known not to be", async () => {
  hits.length = 0;
  const order: string[] = [];
  const refused = await send("/", {
    onHand: async () => {
      order.push("asked");
      throw new Error("somebody else sends it");
    },
  });
  expect(refused).toEqual({ outcome: "unreached", reason: "it could not be reached" });
  expect(order).toEqual(["asked"]);
  expect(hits).toEqual([]);
});

test("a server that is away, or that speaks no TLS, was not reached", async () => {
  const free = net.createServer();
  await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
  const address = free.address() as net.AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const anywhere = new EgressPolicy({ allow: ["127.0.0.1"], resolve: async () => ["127.0.0.1"] });
  const onHand = vi.fn(async () => {});
  expect(await send(`http://hook.test:${address.port}/`, { onHand }, anywhere)).toEqual({
    outcome: "unreached",
    reason: "it could not be reached (ECONNREFUSED)",
  });
  expect(await send(`https://hook.test:${port}/`, { onHand }, anywhere)).toMatchObject({
    outcome: "unreached",
  });
  expect(onHand).not.toHaveBeenCalled();
});
