import { createServer, type IncomingHttpHeaders, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { type ApiPath, apiMethods } from "@/lib/http/api-methods";
import { sensitiveActs } from "@/lib/http/sensitive";
import { answerKept } from "./kept";
import { codingFor, mayCompress } from "./policy";
import { CompressingResponse } from "./response";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer({ ServerResponse: CompressingResponse }, (incoming, response) => {
    if (!answerKept(incoming, response)) listener(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

const ask = (
  port: number,
  path: string,
  headers: Record<string, string> = { "accept-encoding": "gzip, br" },
  method = "GET",
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.once("error", reject);
      answer.once("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    call.once("error", reject);
    call.end();
  });

const text = "A line of a page that says the same again. ".repeat(400);
const html = { "content-type": "text/html; charset=utf-8" };

/** Answers as Next does: headers one by one, then the body. */
const answering =
  (headers: Record<string, string>, body: string | Buffer = text, status = 200): RequestListener =>
  (_, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.statusCode = status;
    response.setHeader("content-length", Buffer.byteLength(body));
    response.end(body);
  };

it("compresses a page, a list of the API and a file for who takes it, and leaves it to others as it is", async () => {
  const port = await serve(answering({ ...html, etag: '"1"', vary: "rsc" }));
  for (const path of ["/p/x/workflows", "/api/projects/x/workflows", "/docs/api", "/_next/data"]) {
    const { headers, body } = await ask(port, path);
    expect(headers).toMatchObject({
      "content-encoding": "gzip",
      vary: "rsc, accept-encoding",
      etag: 'W/"1"',
    });
    expect(headers["content-length"]).toBeUndefined();
    expect(zlib.gunzipSync(body).toString()).toBe(text);
    expect(body.length).toBeLessThan(text.length / 4);
  }
  for (const accepted of ["", "identity", "gzip;q=0, deflate", "br"]) {
    const plain = await ask(port, "/p/x/workflows", { "accept-encoding": accepted });
    expect(plain.headers).toMatchObject({ vary: "rsc, accept-encoding", etag: '"1"' });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.headers["content-length"]).toBe(String(text.length));
    expect(plain.body.toString()).toBe(text);
  }
});

it.each<[string, Record<string, string>, number?]>([
  ["an event stream", { "content-type": "text/event-stream" }],
  ["a download", { ...html, "content-disposition": 'attachment; filename="runs.csv"' }],
  ["a part of a file", { ...html, "content-range": "bytes 0-9/100" }, 206],
  ["what is compressed already", { ...html, "content-encoding": "zstd" }],
  ["what asks not to be changed", { ...html, "cache-control": "no-cache, no-transform" }],
  ["a picture", { "content-type": "image/png" }],
  ["an archive", { "content-type": "application/zip" }],
  ["what failed", html, 500],
])("leaves %s alone", async (_, headers, status = 200) => {
  const port = await serve(answering(headers, text, status));
  const answer = await ask(port, "/p/x/workflows");
  expect(answer.status).toBe(status);
  expect(answer.headers["content-encoding"]).toBe(headers["content-encoding"]);
  expect(answer.headers["content-length"]).toBe(String(text.length));
  expect(answer.body.toString()).toBe(text);
});

it("leaves what is short alone, however it is written", async () => {
  const port = await serve((incoming, response) => {
    if (incoming.url?.endsWith("head")) response.writeHead(200, html);
    else response.setHeader("content-type", html["content-type"]);
    response.end("short");
  });
  const { headers, body } = await ask(port, "/p/x");
  expect(headers["content-encoding"]).toBeUndefined();
  expect(body.toString()).toBe("short");
  expect((await ask(port, "/p/head")).body.length).toBeGreaterThan(0);
});

it("never compresses what is answered to a change, nor a page or route where somebody proves who they are", async () => {
  const port = await serve(answering(html));
  const closed = [
    ["POST", "/api/projects/x/workflows"],
    ["POST", "/sign-in"],
    ["GET", "/sign-in/again"],
    ["GET", "/invitations/secret"],
    ["GET", "/mail/secret"],
    ["GET", "/n/stop/secret"],
    ["GET", "/account"],
    ["GET", "/connect"],
    ["GET", "/api/auth/csrf"],
    ["GET", "/api/account/tokens"],
    ["GET", "/api/credentials/x"],
    ["GET", "/api/projects/x/auth-methods"],
    ["GET", "/api/projects/x/tokens"],
    ["GET", "/p/x/settings"],
    ["GET", "/p/x/credentials"],
  ] as const;
  for (const [method, path] of closed) {
    const { headers } = await ask(port, path, { "accept-encoding": "gzip, br" }, method);
    expect([path, headers["content-encoding"]]).toEqual([path, undefined]);
  }
});

it("compresses no route that gives a secret away", () => {
  const routes = Object.values(sensitiveActs).flatMap((act) => [...act.routes] as string[]);
  const open = routes.filter((route) => {
    const [method = "", path = ""] = route.split(" ");
    return mayCompress(method, path.replaceAll(/\[\w+\]/g, "x"));
  });
  expect(open).toEqual([]);
  const withSecret = (Object.keys(apiMethods) as ApiPath[]).filter((path) =>
    /secret|token|password|session|second-factor|consent|csrf/.test(path),
  );
  expect(withSecret.filter((path) => mayCompress("GET", path.replaceAll(/\[\w+\]/g, "x")))).toEqual([]);
});

it("answers HEAD as GET, without a body", async () => {
  const port = await serve(answering(html));
  const { headers, body } = await ask(port, "/p/x", undefined, "HEAD");
  expect(headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
  expect(headers["content-length"]).toBeUndefined();
  expect(body.length).toBe(0);
});

it("sends each part of a page when it was written, before the rest is there", async () => {
  let goOn: () => void = () => {};
  const port = await serve((_, response) => {
    response.setHeader("content-type", html["content-type"]);
    response.write("first part");
    (response as CompressingResponse).flush();
    goOn = () => response.end("the rest");
  });
  const seen = await new Promise<string[]>((resolve, reject) => {
    const headers = { "accept-encoding": "gzip" };
    request({ host: "127.0.0.1", port, path: "/p/x", headers, agent: false }, (answer) => {
      const parts: string[] = [];
      answer
        .pipe(zlib.createGunzip())
        .on("data", (part: Buffer) => {
          parts.push(part.toString());
          if (parts.length === 1) goOn();
        })
        .once("end", () => resolve(parts))
        .once("error", reject);
    })
      .once("error", reject)
      .end();
  });
  expect(seen).toEqual(["first part", "the rest"]);
});

it("holds back whoever writes more than the client reads, and loses nothing", async () => {
  const piece = Buffer.from(Array.from({ length: 100_000 }, (_, i) => 32 + ((i * i * 7919) % 90)));
  const pieces = 120;
  let isDone = false;
  const port = await serve(async (_, response) => {
    response.setHeader("content-type", "application/json");
    await pipeline(Readable.from(Array.from({ length: pieces }, () => piece)), response);
    isDone = true;
  });
  const { body } = await ask(port, "/api/projects/x/messages");
  expect(zlib.gunzipSync(body).equals(Buffer.concat(Array.from({ length: pieces }, () => piece)))).toBe(true);
  expect(isDone).toBe(true);
});

it("ends what it compresses when the client hangs up", async () => {
  let ended: Promise<void> = Promise.resolve();
  const port = await serve((_, response) => {
    ended = new Promise((resolve) => response.once("close", resolve));
    response.setHeader("content-type", "application/json");
    response.write(text);
    (response as CompressingResponse).flush();
  });
  await new Promise<void>((resolve) => {
    const headers = { "accept-encoding": "gzip" };
    const call = request({ host: "127.0.0.1", port, path: "/p/x", headers, agent: false }, () => {
      call.destroy();
      resolve();
    });
    call.on("error", () => {}).end();
  });
  await ended;
});

it("blurs the length of what is made for one request", async () => {
  const port = await serve(answering(html));
  const lengths = new Set<number>();
  for (let i = 0; i < 12; i++) {
    const { body } = await ask(port, "/p/x");
    expect(zlib.gunzipSync(body).toString()).toBe(text);
    lengths.add(body.length);
  }
  expect(lengths.size).toBeGreaterThan(3);
});

it("compresses a file of the build once, and answers with what it has kept", async () => {
  const lasting = {
    "content-type": "application/javascript",
    "cache-control": "public, immutable",
    etag: 'W/"a"',
  };
  let asked = 0;
  const port = await serve((incoming, response) => {
    asked++;
    answering(lasting)(incoming, response);
  });
  const path = `/_next/static/chunks/${port}.js`;
  const first = await ask(port, path);
  const again = await ask(port, `${path}?dpl=1`);
  const head = await ask(port, path, undefined, "HEAD");
  expect(asked).toBe(1);
  for (const { headers } of [first, again, head])
    expect(headers).toMatchObject({ ...lasting, "content-encoding": "br", vary: "accept-encoding" });
  for (const { body } of [first, again]) expect(zlib.brotliDecompressSync(body).toString()).toBe(text);
  expect(Number(head.headers["content-length"])).toBeGreaterThan(0);
  expect(head.body.length).toBe(0);
  const zipped = await ask(port, path, { "accept-encoding": "gzip" });
  expect(zlib.gunzipSync(zipped.body).toString()).toBe(text);
  expect((await ask(port, path, {})).body.toString()).toBe(text);
  // A part of it, or whether it has changed, is for who has the file.
  const before = asked;
  await ask(port, path, { "accept-encoding": "br", range: "bytes=0-9" });
  await ask(port, path, { "accept-encoding": "br", "if-none-match": 'W/"a"' });
  expect(asked).toBe(before + 2);
});

it("makes a file of the build as small as it gets for those who ask after the first", async () => {
  const script = Array.from(
    { length: 2_000 },
    (_, i) => `export const f${i * 7919} = (a${i}) => a${i} + ${i ** 3};`,
  );
  const port = await serve(answering({ "content-type": "text/javascript" }, script.join("\n")));
  const path = `/_next/static/chunks/small-${port}.js`;
  const first = await ask(port, path);
  const lengthOf = async () => (await ask(port, path)).body.length;
  await expect.poll(lengthOf).toBeLessThan(0.97 * first.body.length);
  const { body, headers } = await ask(port, path);
  expect(zlib.brotliDecompressSync(body).toString()).toBe(script.join("\n"));
  expect(headers["content-length"]).toBe(String(body.length));
});

it("keeps no file that is not there", async () => {
  const port = await serve(answering({ "content-type": "text/plain" }, text, 404));
  const path = `/_next/static/chunks/no-${port}.js`;
  expect((await ask(port, path)).status).toBe(404);
  expect((await ask(port, path)).headers["content-encoding"]).toBeUndefined();
});

it.each<[string | undefined, "br" | "gzip" | null]>([
  [undefined, null],
  ["", null],
  ["gzip", "gzip"],
  ["GZIP, deflate", "gzip"],
  ["gzip, deflate, br, zstd", "br"],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["*", "br"],
  ["*;q=0", null],
  ["br;q=nonsense", null],
])("reads accept-encoding %j as %j", (header, coding) => {
  expect(codingFor(header, ["br", "gzip"])).toBe(coding);
});
