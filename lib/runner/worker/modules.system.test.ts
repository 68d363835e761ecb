import { execFileSync } from "node:child_process";
import fs from "node:fs";
import https from "node:https";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EgressPolicy } from "@/lib/net/egress-policy";
import type { Artefact } from "@/lib/runner/adaptors/artefact";
import { Journal } from "@/lib/runner/journal/journal";
import { defaultStepLimits } from "@/lib/runner/limits";
import { WorkerPool } from "@/lib/runner/pool/pool";
import { probeIsolation } from "@/lib/runner/sandbox/isolation";
import { executeStep } from "@/lib/runner/step/step";
import { stepRequest, type TestServer, testServer } from "@/lib/runner/testing/local-runner";
import { resultOf } from "@/lib/runner/testing/step-request";

const journal = new Journal("a-life", null);

/** What packages below an adaptor do with the runtime's modules; each operation puts its answer under `got`. */
const own = `
  const answer = (work) => (...given) => async (state) => ({ got: await work(...given) });
  const read = (response) => new Promise((ok) => { let text = ""; response.on("data", (c) => (text += c)); response.on("end", () => ok(text)); });
  const ask = (module, options, body) => new Promise((ok, no) => {
    const request = require(module).request(options, (response) => ok(read(response)));
    request.on("error", no);
    request.end(body);
  });
  exports.httpGet = answer((url) => new Promise((ok, no) => require("http").get(url, (r) => ok(read(r))).on("error", no)));
  exports.httpPost = answer((port, body) => ask("node:http", { host: "127.0.0.1", port, path: "/p", method: "POST" }, body));
  exports.withAgent = answer((port) => { const { Agent } = require("http"); return ask("http", { host: "127.0.0.1", port, path: "/a", agent: new Agent({ keepAlive: true }) }); });
  exports.httpsGet = answer((port, ca) => ask("https", { host: "localhost", port, path: "/s", ca }));
  exports.tcp = answer((port, text) => new Promise((ok, no) => { const s = require("net").connect(port, "127.0.0.1", () => s.end(text)); s.on("error", no); ok(read(s)); }));
  exports.lookUp = answer((name) => new Promise((ok, no) => require("dns").lookup(name, { all: true }, (e, a) => (e ? no(e) : ok(a)))));
  exports.generate = answer(() => new Function("a", "b", "return a + b")(1, 2));
  exports.environment = answer(() => ({ env: process.env, cwd: process.cwd(), exists: require("fs").existsSync("/etc/passwd") }));
  exports.touch = answer((module, name) => require(module)[name]("x"));
  exports.socketPath = answer((file) => ask("http", { socketPath: file, path: "/" }));
`;

const names = [...own.matchAll(/exports\.(\w+)/g)].map((match) => match[1] ?? "");
const adaptor: Artefact = {
  name: "@openfn/language-test",
  version: "1.0.0",
  exports: names,
  own,
  chunks: [],
  warm: [],
  hash: "modules",
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-tls-"));
const hasOpenssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].some((file) => fs.existsSync(file));
let pool: WorkerPool;
let server: TestServer;
let secure: https.Server | null = null;
let certificate = "";
const echo = net.createServer((socket) => socket.pipe(socket));

const portOf = (listening: net.Server): number => {
  const address = listening.address();
  return typeof address === "object" && address ? address.port : 0;
};
const listen = (listening: net.Server): Promise<void> =>
  new Promise((resolve) => listening.listen(0, "127.0.0.1", resolve));

function makeCertificate(): { key: string; cert: string } {
  const files = { key: path.join(folder, "key.pem"), cert: path.join(folder, "cert.pem") };
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const output = ["-keyout", files.key, "-out", files.cert];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...output],
    { stdio: "ignore" },
  );
  return { key: fs.readFileSync(files.key, "utf8"), cert: fs.readFileSync(files.cert, "utf8") };
}

beforeAll(async () => {
  server = await testServer();
  await listen(echo);
  pool = new WorkerPool({
    isolation: await probeIsolation(),
    reuse: "project",
    limit: 2,
    blanks: 0,
    perProject: 2,
    heapMb: 128,
  });
  if (!hasOpenssl) return;
  const pair = makeCertificate();
  certificate = pair.cert;
  secure = https.createServer(pair, (_, response) => response.end("secure"));
  await listen(secure);
});
afterAll(async () => {
  await pool.close();
  await server.close();
  echo.close();
  secure?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function run(source: string) {
  const allow = [server.port, portOf(echo), ...(secure ? [portOf(secure)] : [])].map(
    (port) => `127.0.0.1:${port}`,
  );
  const resolve = async () => ["127.0.0.1"];
  const host = {
    pool,
    policy: new EgressPolicy({ allow, resolve }),
    limits: defaultStepLimits,
    journal,
    artefact: async () => adaptor,
  };
  const result = resultOf(
    await executeStep(host, stepRequest(source), () => undefined, new AbortController().signal),
  );
  return { ...result, got: JSON.parse(result.output ?? "null")?.got };
}

describe("packages that use the runtime's own network modules", () => {
  test("http.get", async () => {
    const { got } = await run(`httpGet("${server.url}/g?x=1")`);
    expect(JSON.parse(got)).toMatchObject({ method: "GET", url: "/g?x=1" });
  });
  test("http.request with a body", async () => {
    const { got } = await run(`httpPost(${server.port}, "hello")`);
    expect(JSON.parse(got)).toMatchObject({ method: "POST", body: "hello" });
  });
  test("an agent of their own", async () => {
    expect(JSON.parse((await run(`withAgent(${server.port})`)).got)).toMatchObject({ url: "/a" });
  });
  test("net.connect, both ways", async () => {
    expect((await run(`tcp(${portOf(echo)}, "ping".repeat(50000))`)).got).toHaveLength(200_000);
  });
  test.runIf(hasOpenssl)("https with a certificate authority of their own", async () => {
    const { got, connections } = await run(
      `httpsGet(${portOf(secure ?? echo)}, ${JSON.stringify(certificate)})`,
    );
    expect(got).toBe("secure");
    expect(connections).toMatchObject([{ host: "localhost", address: "127.0.0.1" }]);
  });
  test.runIf(hasOpenssl)("https refuses a certificate that nobody vouches for", async () => {
    const result = await run(`httpsGet(${portOf(secure ?? echo)})`);
    expect(result).toMatchObject({
      reason: "fail",
      error: { type: "JobError", adaptorType: "AdaptorError" },
    });
    expect(result.error?.message).toMatch(/certificate|self.signed|UnknownIssuer|CaUsed/i);
  });
  test("dns.lookup answers what may be reached", async () => {
    expect((await run('lookUp("loop.test")')).error?.message).toContain("EACCES");
  });
  test("a unix socket is refused", async () => {
    expect((await run('socketPath("/var/run/docker.sock")')).error?.message).toMatch(/not available|EACCES/);
  });
});

describe("packages that look around", () => {
  test("may generate code, which jobs may not", async () => {
    expect((await run("generate()")).got).toBe(3);
  });
  test("see no environment and no file", async () => {
    expect((await run("environment()")).got).toEqual({ env: {}, cwd: "/", exists: false });
  });
  test.each([
    ["fs", "writeFileSync"],
    ["fs", "readFileSync"],
    ["child_process", "exec"],
    ["v8", "setFlagsFromString"],
    ["cluster", "fork"],
    ["dgram", "createSocket"],
    ["inspector", "open"],
  ])("%s.%s is refused when it is called", async (module, name) => {
    const { reason, error } = await run(`touch("${module}", "${name}")`);
    expect(reason).toBe("fail");
    expect(error?.message).toMatch(/not available|no such file/);
  });
  test("a module that does not exist is not found", async () => {
    expect((await run('touch("left-pad", "x")')).error?.message).toContain("Cannot find module");
  });
});
