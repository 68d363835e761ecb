import { once } from "node:events";
import fs from "node:fs";
import http, { type IncomingMessage, type RequestListener, type Server } from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type PassOn, passOn } from "./pass-on";

let dir: string;
let door: Server;
let port: number;
let on: PassOn;
let behind: Server | undefined;
const socketPath = () => path.join(dir, "web.sock");

beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-pass-on-"));
  on = passOn(socketPath());
  door = http.createServer((request, response) => on.request(request, response));
  door.on("upgrade", on.upgrade);
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  port = (door.address() as net.AddressInfo).port;
});
afterEach(() => {
  on.close();
  for (const server of [door, behind]) {
    server?.close();
    server?.closeAllConnections();
  }
  behind = undefined;
  fs.rmSync(dir, { recursive: true });
});

async function serve(listener: RequestListener): Promise<Server> {
  behind = http.createServer(listener).listen(socketPath());
  await once(behind, "listening");
  return behind;
}

const ask = (options: http.RequestOptions = {}, body?: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, agent: false, ...options }, resolve);
    request.once("error", reject);
    request.end(body);
  });

const textOf = async (message: IncomingMessage) => {
  let text = "";
  for await (const chunk of message) text += chunk;
  return text;
};

/** What the server behind was asked, as it saw it. */
const echo: RequestListener = async (request, response) => {
  const body = await textOf(request);
  response.setHeader("set-cookie", ["a=1", "b=2"]);
  response.end(JSON.stringify({ method: request.method, url: request.url, raw: request.rawHeaders, body }));
};
const echoed = async (options: http.RequestOptions, body?: string) => {
  const answer = await ask(options, body);
  return { answer, seen: JSON.parse(await textOf(answer)) as { raw: string[]; body: string; url: string } };
};
const valuesOf = ({ raw }: { raw: string[] }, name: string) =>
  raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);

it.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
  "passes %s on as it came",
  async (method) => {
    await serve(echo);
    const answer = await ask({ method, path: "/a%20b?q=%2F&q=2", headers: { cookie: "s=1" } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    const text = await textOf(answer);
    if (method === "HEAD") expect(text).toBe("");
    else expect(JSON.parse(text)).toMatchObject({ method, url: "/a%20b?q=%2F&q=2", body: "" });
  },
);

it.each([{ "content-length": "3" }, { "transfer-encoding": "chunked" }])(
  "passes a body with %j on",
  async (framing) => {
    await serve(echo);
    const { seen } = await echoed({ method: "POST", headers: { ...framing, expect: "100-continue" } }, "abc");
    expect(seen.body).toBe("abc");
    expect(valuesOf(seen, "expect")).toEqual([]);
  },
);

it("says who calls, and takes nobody's word for it", async () => {
  await serve(echo);
  const headers = {
    "X-Waybill-Peer": "10.0.0.9",
    "x-waybill-forwarded": "no",
    "x-waybill-path": "/admin",
    "x-forwarded-for": "10.0.0.1, 10.0.0.2",
  };
  const { seen } = await echoed({ headers });
  expect(valuesOf(seen, "x-waybill-peer")).toEqual(["127.0.0.1"]);
  expect(valuesOf(seen, "x-waybill-forwarded")).toEqual(["yes"]);
  expect(valuesOf(seen, "x-waybill-path")).toEqual([]);
  expect(valuesOf(seen, "x-forwarded-for")).toEqual(["10.0.0.1, 10.0.0.2"]);
  expect(valuesOf((await echoed({})).seen, "x-waybill-forwarded")).toEqual(["no"]);
});

it("keeps what belongs to a connection to that connection", async () => {
  await serve((request, response) => {
    response.setHeader("x-names", Object.keys(request.headers).join());
    response.setHeader("connection", "close, x-inner");
    response.setHeader("x-inner", "1");
    response.end("done");
  });
  const answer = await ask({
    headers: { connection: "keep-alive, x-outer", "x-outer": "1", te: "trailers" },
  });
  expect(answer.headers["x-names"]).not.toMatch(/x-outer|\bte\b/);
  expect(answer.headers).not.toHaveProperty("x-inner");
});

it("streams an answer while it is made, and hangs up behind when its reader does", async () => {
  let hungUp: () => void = () => {};
  const isOver = new Promise<void>((resolve) => {
    hungUp = resolve;
  });
  await serve((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
    response.once("close", hungUp);
  });
  const answer = await ask();
  const [first] = await once(answer, "data");
  expect(String(first)).toBe("data: 1\n\n");
  answer.destroy();
  await isOver;
});

it("ends event streams when it is told to, with the time to come again, and leaves other answers alone", async () => {
  let isHungUp = false;
  let finish = () => {};
  await serve((request, response) => {
    if (request.url === "/stream") {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      response.write('data: 1\n\ndata: "cut');
      response.once("close", () => {
        isHungUp = true;
      });
    } else {
      response.write("first");
      finish = () => response.end(" last");
    }
  });
  const stream = await ask({ path: "/stream" });
  const page = await ask({ path: "/page" });
  await once(stream, "readable");
  on.endStreams();
  finish();
  // An event that was cut off is no event: nothing but an empty line makes one.
  expect(await textOf(stream)).toMatch(/^data: 1\n\ndata: "cut\nretry: \d{4}\n$/);
  expect(await textOf(page)).toBe("first last");
  await expect.poll(() => isHungUp).toBe(true);
});

it("hangs up behind when a sender does, before there is an answer", async () => {
  let hungUp: () => void = () => {};
  const isOver = new Promise<void>((resolve) => {
    hungUp = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    void serve((_, response) => {
      response.once("close", hungUp);
      resolve();
    });
  });
  const request = http.request({ host: "127.0.0.1", port, agent: false }).on("error", () => {});
  request.end();
  await asked;
  request.destroy();
  await isOver;
});

it("an answer that is cut short is cut short for its reader too", async () => {
  await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  await expect(ask().then(textOf)).rejects.toThrow("aborted");
});

it.each([
  ["/api/projects", "application/json"],
  ["/inbox", "text/html; charset=utf-8"],
])("answers 503 with the seconds to wait at %s while nobody is behind", async (at, type) => {
  const answer = await ask({ path: at, method: "POST" }, "body");
  expect(answer.statusCode).toBe(503);
  expect(answer.headers["content-type"]).toBe(type);
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  expect(await textOf(answer)).toContain("try again in");
  await serve(echo);
  expect((await ask({ path: at })).statusCode).toBe(200);
});

it("says 502, and not to try again blindly, when the server behind ends before it answers", async () => {
  await serve((request) => request.socket.destroy());
  const answer = await ask({ path: "/api/projects", method: "POST" }, "{}");
  expect(answer.statusCode).toBe(502);
  expect(answer.headers["retry-after"]).toBeUndefined();
  expect(await textOf(answer)).toContain("may have been done");
});

it("hands an upgraded connection over, both ways", async () => {
  const server = await serve((_, response) => response.end());
  server.on("upgrade", (request, socket: net.Socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`,
    );
    socket.on("data", (data) => socket.end(`echo ${data}`));
  });
  const socket = net.connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  let heard = "";
  socket.on("data", (data) => {
    if (!heard) socket.write("hello");
    heard += data;
  });
  await once(socket, "close");
  expect(heard).toMatch(/^HTTP\/1.1 101 .*Upgrade: echo.*echo hello$/s);
});

it("puts headers on what it answers itself, and leaves those of the server behind alone", async () => {
  on.close();
  on = passOn(socketPath(), (_, response) => {
    response.setHeader("x-prepared", "yes");
    response.setHeader("set-cookie", "c=3");
  });
  expect((await ask()).headers).toMatchObject({ "x-prepared": "yes", "retry-after": expect.anything() });
  await serve(echo);
  const { headers } = await ask();
  expect(headers).not.toHaveProperty("x-prepared");
  expect(headers["set-cookie"]).toEqual(["a=1", "b=2"]);
});

it("reads again over a new connection when a kept one had been closed behind", async () => {
  let asked = 0;
  await serve((request, response) => {
    asked++;
    if (asked === 2) request.socket.destroy();
    else response.end("here");
  });
  for (const method of ["GET", "GET", "HEAD"]) expect((await ask({ method })).statusCode).toBe(200);
  expect(asked).toBe(4);
});
