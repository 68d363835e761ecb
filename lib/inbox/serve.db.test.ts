import { execFile, spawn } from "node:child_process";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import { createTestProject } from "@/lib/testing/fixtures";
import { inviteBodies } from "./refuse";
import { serveInbox } from "./serve";

testDatabase();
let server: Server;
let port: number;
let path: string;
const received: number[] = [];

beforeAll(async () => {
  path = `/i/${(await createTestProject()).inboxId}`;
  server = createServer((incoming, response) => {
    const { socket } = incoming;
    void serveInbox(incoming, response).then(() => received.push(socket.bytesRead));
  });
  inviteBodies(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const megabyte = 1_000_000;
const tooMuch = Buffer.alloc(30 * megabyte, "x");
const url = () => `http://127.0.0.1:${port}${path}`;

const textOf = async (answer: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** What `http.request` is answered, and whether it was asked to go on. */
function asked(
  headers: Record<string, string | number>,
  send: (out: ReturnType<typeof request>) => void,
): Promise<{ status: number | undefined; body: string; wasInvited: boolean }> {
  return new Promise((resolve, reject) => {
    let wasInvited = false;
    const out = request({ port, path, method: "POST", headers, agent: false });
    out.once("continue", () => {
      wasInvited = true;
    });
    out.once("response", async (answer) =>
      resolve({ status: answer.statusCode, body: await textOf(answer), wasInvited }),
    );
    out.once("error", reject);
    send(out);
  });
}

/** What another process prints: a client shares no event loop with the server it speaks to. */
const printed = (script: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, url()]);
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.once("error", reject);
    child.once("close", () => resolve(JSON.parse(text)));
  });

const sizes = [10_000_001, 10_500_000, 30_000_000];
const client = `const seen = []; const note = (error) => seen.push(error.cause?.code ?? error.code ?? error.message);
for (const size of ${JSON.stringify(sizes)}) for (let i = 0; i < 3; i++) { const body = Buffer.alloc(size, "x");`;
const sent = `} console.log(JSON.stringify(seen));`;
const each413 = sizes.flatMap(() => [413, 413, 413]);

const refused = { status: 413, body: "Request Entity Too Large" };

describe("a body over the limit is answered 413", () => {
  test("to fetch, each time", async () => {
    const script = `${client} await fetch(process.argv[1], { method: "POST", body })
      .then(async (answer) => { await answer.text(); seen.push(answer.status); }, note); ${sent}`;
    expect(await printed(script)).toEqual(each413);
  });

  test("to fetch that streams it", async () => {
    const script = `${client} const parts = new Blob([body]).stream();
      await fetch(process.argv[1], { method: "POST", body: parts, duplex: "half" })
      .then(async (answer) => { await answer.text(); seen.push(answer.status); }, note); ${sent}`;
    expect(await printed(script)).toEqual(each413);
  });

  test("to http.request, which sends everything, declared or in chunks, on one agent or none", async () => {
    const script = `import http from "node:http"; const agent = new http.Agent({ keepAlive: true });
      ${client} await new Promise((done) => {
        const headers = i === 1 ? { "transfer-encoding": "chunked" } : { "content-length": size };
        const out = http.request(process.argv[1], { method: "POST", headers, agent: i === 2 ? agent : false }, (answer) => {
          seen.push(answer.statusCode); answer.resume().once("end", done); });
        out.once("error", (error) => { note(error); done(); }).end(body);
      }); ${sent.replace(";", "; agent.destroy();")}`;
    expect(await printed(script)).toEqual(each413);
  });

  test("to curl, with and without its Expect header", async () => {
    const send = (more: string[]) =>
      new Promise<string>((resolve, reject) => {
        const args = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@-", ...more, url()];
        const child = execFile("curl", args, (error, stdout) => (error ? reject(error) : resolve(stdout)));
        child.stdin?.on("error", () => undefined).end(tooMuch);
      });
    expect(await Promise.all([send([]), send(["-H", "Expect:"])])).toEqual(["413", "413"]);
  });

  test("to who asks first, without inviting the body", async () => {
    const headers = { "content-length": tooMuch.length, expect: "100-continue" };
    expect(await asked(headers, (out) => out.flushHeaders())).toEqual({ ...refused, wasInvited: false });
  });

  test("and a later request on the same agent goes through", async () => {
    await (await fetch(url(), { method: "POST", body: tooMuch })).text();
    expect((await fetch(url(), { method: "POST", body: "{}" })).status).toBe(202);
  });

  test("on a connection that is cut when the body never ends", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    const before = received.length;
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000000\r\n\r\n`);
    const part = Buffer.alloc(megabyte);
    const more = () => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on("drain", more);
    more();
    await new Promise((resolve) => socket.once("close", resolve));
    expect(received[before]).toBeLessThan(100 * megabyte);
  });
});

test("who asks first and keeps the limit is invited", async () => {
  const answer = await asked({ "content-length": 2, expect: "100-continue" }, (out) => {
    out.once("continue", () => out.end("{}"));
    out.flushHeaders();
  });
  expect({ status: answer.status, wasInvited: answer.wasInvited }).toEqual({ status: 202, wasInvited: true });
});
