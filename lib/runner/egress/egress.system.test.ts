import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EgressPolicy } from "@/lib/net/egress-policy";
import type { EgressPolicy as EgressLists } from "@/lib/runner/contract";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { type NetEvent, nameRecords } from "@/lib/runner/protocol/messages";
import {
  type Ran,
  runStep,
  stepRequest,
  type TestServer,
  testRunner,
  testServer,
} from "@/lib/runner/testing/local-runner";
import { Broker } from "./broker";

let runner: LocalRunner;
let server: TestServer;
let other: TestServer;
/** Answers of the resolver per name, one call after another; the last one stays. */
const names = new Map<string, string[][]>();
const lookups: string[] = [];

beforeAll(async () => {
  server = await testServer();
  other = await testServer();
  runner = await testRunner({
    egressAllow: [`127.0.0.1:${server.port}`, `named.test:${server.port}`],
    egressDeny: [`127.0.0.1:${other.port}`],
    resolve: async (host) => {
      lookups.push(host);
      const answers = names.get(host) ?? [];
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (!next) throw new Error("not found");
      return next;
    },
  });
});
afterAll(async () => {
  await runner.close();
  await Promise.all([server.close(), other.close()]);
});

type More = NonNullable<Parameters<typeof stepRequest>[1]>;
const run = (source: string, more: More = {}): Promise<Ran> =>
  runStep(
    runner,
    stepRequest(source, { http: true, ...more, limits: { timeoutMs: 15_000, ...more?.limits } }),
  );

describe("private destinations are refused however they are written", () => {
  const port = () => server.port + 1;
  const places: [string, () => string][] = [
    ["the metadata service", () => "http://169.254.169.254/latest/meta-data/"],
    ["loopback", () => `http://127.0.0.1:${port()}/json`],
    ["localhost", () => `http://localhost:${port()}/json`],
    ["localhost with a dot", () => `http://localhost.:${port()}/json`],
    ["IPv6 loopback", () => `http://[::1]:${port()}/json`],
    ["mapped IPv4", () => `http://[::ffff:127.0.0.1]:${port()}/json`],
    ["a decimal address", () => `http://2130706433:${port()}/json`],
    ["a hexadecimal address", () => `http://0x7f.1:${port()}/json`],
    ["0.0.0.0", () => `http://0.0.0.0:${port()}/json`],
    ["a private network", () => "http://10.0.0.1/"],
    ["a port the operator did not open", () => `http://127.0.0.1:${other.port}/json`],
  ];
  for (const [what, url] of places) {
    test(what, async () => {
      names.set("localhost", [["127.0.0.1", "::1"]]);
      other.hits.length = 0;
      const result = await run(`get(${JSON.stringify(url())})`);
      expect(result).toMatchObject({
        reason: "fail",
        error: { type: "JobError", adaptorType: "AdaptorError" },
      });
      expect(result.connections).toMatchObject([
        { address: null, refused: expect.stringContaining("EACCES") },
      ]);
      expect(other.hits).toEqual([]);
    });
  }

  test("a redirect to the metadata service", async () => {
    const to = encodeURIComponent("http://169.254.169.254/x");
    const result = await run(`get("${server.url}/redirect?to=${to}")`);
    expect(result.error?.adaptorType).toBe("AdaptorError");
    expect(result.connections.map((one) => one.host)).toEqual(["127.0.0.1", "169.254.169.254"]);
    expect(result.connections[1]?.refused).toContain("EACCES");
  });

  test("a redirect to another port", async () => {
    const result = await run(`get("${server.url}/redirect?to=${encodeURIComponent(`${other.url}/x`)}")`);
    expect(result.error?.adaptorType).toBe("AdaptorError");
    expect(other.hits).toEqual([]);
  });

  test("a name that resolves to loopback", async () => {
    names.set("rebind.test", [["127.0.0.1"]]);
    expect((await run(`get("http://rebind.test:${server.port + 1}/json")`)).error?.adaptorType).toBe(
      "AdaptorError",
    );
  });
});

describe("a name is resolved once and the checked address is connected to", () => {
  test("a name that changes to loopback is refused on its next connection", async () => {
    names.set("rebind.test", [["203.0.114.7"], ["127.0.0.1"]]);
    lookups.length = 0;
    const source = `get("http://rebind.test:${other.port}/a", { timeout: 400 }).catch(() => ({})); get("http://rebind.test:${other.port}/b")`;
    other.hits.length = 0;
    const result = await run(source);
    expect(lookups).toEqual(["rebind.test", "rebind.test"]);
    expect(result.connections[0]?.address).toBe("203.0.114.7");
    expect(result.connections[1]?.refused).toContain("EACCES");
    expect(other.hits).toEqual([]);
  });

  test("an operator's host rule opens a private address behind that name", async () => {
    names.set("named.test", [["127.0.0.1"]]);
    const result = await run(`get("http://named.test:${server.port}/json"); fn(s => ({ ok: s.data.ok }))`);
    expect(result.state).toEqual({ ok: true });
    expect(result.connections).toMatchObject([{ host: "named.test", address: "127.0.0.1" }]);
  });

  test("dns answers of the job tell nothing about private names", async () => {
    names.set("internal.test", [["10.1.2.3"]]);
    const source = `get("http://internal.test/x").catch(e => ({ code: e.code ?? e.cause?.code, message: e.message }))`;
    const { output } = await run(source);
    expect(output).not.toContain("10.1.2.3");
  });
});

describe("a project's own list", () => {
  test("admits its hosts and nothing else", async () => {
    const egress = { onlyHosts: [`127.0.0.1:${server.port}`] };
    expect((await run(`get("${server.url}/json")`, { egress })).reason).toBe("success");
    const elsewhere = await run('get("http://93.184.216.34/")', { egress });
    expect(elsewhere.connections[0]?.refused).toContain("hosts on its list");
  });
  test("opens nothing that the operator's policy closes", async () => {
    const result = await run(`get("${other.url}/json")`, {
      egress: { onlyHosts: [`127.0.0.1:${other.port}`] },
    });
    expect(result.connections[0]?.refused).toContain("EACCES");
  });
});

describe("a credential's list", () => {
  const own = () => `127.0.0.1:${server.port}`;
  const withCredential = (source: string, egress: EgressLists, more: More = {}) =>
    run(source, { configuration: { token: "t0p-s3cret" }, credentialId: "credential-1", egress, ...more });

  test("admits its hosts and nothing else", async () => {
    const egress = { credentialHosts: [own()] };
    expect((await withCredential(`get("${server.url}/json")`, egress)).reason).toBe("success");
    const elsewhere = await withCredential('get("http://93.184.216.34/")', egress);
    expect(elsewhere.connections[0]?.refused).toContain("this job's credential may be sent only to");
  });

  test("and the project's must both have a host", async () => {
    server.hits.length = 0;
    const lists = [
      { onlyHosts: [own()], credentialHosts: ["api.example.org"] },
      { onlyHosts: ["api.example.org"], credentialHosts: [own()] },
    ];
    for (const egress of lists) {
      const result = await withCredential(`get("${server.url}/json")`, egress);
      expect(result.connections[0]?.refused).toContain("hosts on its list");
    }
    expect(server.hits).toEqual([]);
    const both = { onlyHosts: [own(), "api.example.org"], credentialHosts: [own()] };
    expect((await withCredential(`get("${server.url}/json")`, both)).reason).toBe("success");
  });

  test("opens nothing that the operator's policy closes", async () => {
    const egress = { credentialHosts: [`127.0.0.1:${other.port}`] };
    const result = await withCredential(`get("${other.url}/json")`, egress);
    expect(result.connections[0]?.refused).toContain("EACCES");
  });

  test("holds for redirects", async () => {
    names.set("named.test", [["127.0.0.1"]]);
    const to = encodeURIComponent(`http://named.test:${server.port}/json`);
    const source = `get("${server.url}/redirect?to=${to}")`;
    expect((await withCredential(source, {})).reason).toBe("success");
    const narrowed = await withCredential(source, { credentialHosts: [own()] });
    expect(narrowed.error?.adaptorType).toBe("AdaptorError");
    expect(narrowed.connections.map((one) => "refused" in one)).toEqual([false, true]);
  });

  test("of names does not admit their addresses, nor the other way round", async () => {
    names.set("named.test", [["127.0.0.1"]]);
    const named = `http://named.test:${server.port}/json`;
    const byName = { credentialHosts: ["named.test"] };
    expect((await withCredential(`get("${named}")`, byName)).reason).toBe("success");
    expect((await withCredential(`get("${server.url}/json")`, byName)).reason).toBe("fail");
    expect((await withCredential(`get("${named}")`, { credentialHosts: [own()] })).reason).toBe("fail");
  });

  test("holds against a job that goes around the adaptor", async () => {
    const source = `const G = _.noConflict.call(); const send = (text) => { const b = Buffer.from(text); const h = Buffer.alloc(5); h.writeUInt32BE(b.length + 1); h[4] = 14; G.Deno.stdout.writeSync(Buffer.concat([h, b])) };
      fn(s => { send(JSON.stringify({ kind: "open", id: 77, host: "127.0.0.1", port: ${server.port} })); return new Promise(r => setTimeout(() => r(s), 100)) })`;
    server.hits.length = 0;
    const egress = { credentialHosts: ["api.example.org"] };
    const { connections } = await withCredential(source, egress, { http: false });
    expect(connections).toMatchObject([{ address: null, refused: expect.stringContaining("credential") }]);
  });

  test("opens nothing in a dry run", async () => {
    server.hits.length = 0;
    const egress = { record: true, credentialHosts: [own()] };
    const result = await withCredential(`post("${server.url}/json", {})`, egress);
    expect(result).toMatchObject({ reason: "success", requests: [{ method: "POST" }] });
    expect(server.hits).toEqual([]);
  });
});

describe("names that a list lacks", () => {
  const answered: NetEvent[] = [];
  const broker = () =>
    new Broker({
      policy: new EgressPolicy({ allow: ["127.0.0.1"], resolve: async () => ["127.0.0.1"] }).narrowed([
        `db.test:${server.port}`,
      ]),
      isDryRun: false,
      maxConnections: 4,
      maxNetworkBytes: 1e6,
      event: (event) => answered.push(event),
      data: () => {},
      reach: (host, port) => ({ host, port, bytesSent: 0 }),
      onTooManyBytes: () => {},
    });

  test("are not asked about, whatever the record", async () => {
    answered.length = 0;
    const asked = broker();
    for (const [id, record] of nameRecords.entries())
      asked.request({ kind: "names", id, host: "s3cret.evil.test", record });
    await expect.poll(() => answered.length).toBe(nameRecords.length);
    for (const event of answered) expect(event).toMatchObject({ kind: "namesError", code: "EACCES" });
  });

  test("a driver that looks its server up and connects to the address reaches it, on that port", async () => {
    answered.length = 0;
    const driver = broker();
    driver.request({ kind: "open", id: 1, host: "127.0.0.1", port: server.port });
    await expect.poll(() => answered.length).toBe(1);
    driver.request({ kind: "names", id: 2, host: "db.test", record: "A" });
    await expect.poll(() => answered.length).toBe(2);
    driver.request({ kind: "open", id: 3, host: "127.0.0.1", port: server.port });
    driver.request({ kind: "open", id: 4, host: "127.0.0.1", port: other.port });
    await expect.poll(() => answered.length).toBe(4);
    driver.close();
    expect(answered).toMatchObject([
      { kind: "error", id: 1, code: "EACCES" },
      { kind: "names", id: 2, answer: ["127.0.0.1"] },
      expect.objectContaining({ id: 4, code: "EACCES" }),
      { kind: "open", id: 3 },
    ]);
  });
});

describe("amounts", () => {
  test("a download beyond the limit ends the step", async () => {
    const result = await run(`get("${server.url}/big?mb=60", { parseAs: "text" })`, {
      limits: { maxNetworkBytes: 5e6 },
    });
    expect(result).toMatchObject({ reason: "kill", error: { type: "EgressLimitError" } });
  });
  test("20 MB come through a window of 256 KB", async () => {
    const source = `get("${server.url}/big?mb=20", { parseAs: "text" }); fn(s => ({ length: s.data.length }))`;
    expect((await run(source)).state).toEqual({ length: 20 * 1024 * 1024 });
  });
  test("8 MB go out through it", async () => {
    const source = `post("${server.url}/echo", s => ({ text: "x".repeat(8e6) })); fn(s => ({ isAll: s.data.body > 8e6 }))`;
    const result = await run(source);
    expect(result.state).toEqual({ isAll: true });
    expect(result.connections[0]?.bytesSent).toBeGreaterThan(8e6);
  });
  test("connections beyond the limit are refused with EMFILE, the rest work", async () => {
    const source = `fn(s => Promise.all(Array.from({ length: 60 }, (_, i) => get("${server.url}/slow?ms=300&i=" + i)(s).then(() => "ok", () => "no"))).then(all => ({ ok: all.filter(x => x === "ok").length })))`;
    const result = await run(source);
    expect(result.reason).toBe("success");
    const refused = result.connections.filter((one) => one.refused?.includes("EMFILE")).length;
    expect(refused).toBe(result.connections.length - 32);
  });
  test("a slow receiver does not hold up the step's log lines", async () => {
    const source = `fn(async s => { const pending = get("${server.url}/held")(s); for (let i = 0; i < 4; i++) { console.log("tick"); await new Promise(r => setTimeout(r, 10)) } await pending; return s })`;
    let ticks = 0;
    const reason = await new Promise<string>((resolve) => {
      runner.steps.start(stepRequest(source, { http: true, limits: { timeoutMs: 15_000 } }), {
        event(event) {
          if (event.type === "result") return resolve(event.result.reason);
          if (event.type !== "log" || event.line.message !== "tick") return;
          ticks += 1;
          // The answer comes only when all lines have.
          if (ticks === 4) server.release();
        },
      });
    });
    expect([ticks, reason]).toEqual([4, "success"]);
  });
});
