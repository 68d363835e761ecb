import http from "node:http";
import net, { type AddressInfo, type Server } from "node:net";
import tls from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { TlsAgent, type Trust } from "./agent";
import { type CertificateOptions, type KeyPair, makeCertificate, neverEnds } from "./certificate";
import { fingerprintOf } from "./fingerprint";

const hour = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * hour);
const make = (more: Partial<CertificateOptions> = {}): Promise<KeyPair> =>
  makeCertificate({ name: "runner", hosts: ["127.0.0.1"], validFrom: ago(48), validTo: neverEnds, ...more });

const authority = { ...(await make({ name: "authority", isAuthority: true })), name: "authority" };
const own = await make();
const signed = await make({ issuer: authority });
const expired = await make({ issuer: authority, validTo: ago(1) });
const elsewhere = await make({ issuer: authority, hosts: ["10.0.0.1"] });
const caller = await make({ name: "engine", issuer: authority });
const stranger = await make({ name: "engine" });

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Heard = { port: number; text: () => string };

/** A server that answers anything with 204 and keeps what it hears, decrypted. */
async function serve(pair: KeyPair, more: tls.TlsOptions = {}): Promise<Heard> {
  let text = "";
  const server = tls.createServer({ ...pair, ...more }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      socket.end("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    });
  });
  return { port: await listen(server), text: () => text };
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function call(port: number, trust: Trust, waitMs = 20_000): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: "127.0.0.1",
      port,
      agent: new TlsAgent(trust, waitMs),
      headers: { authorization: "Bearer the-token" },
    });
    request.once("response", (response) => resolve(response.resume().statusCode));
    request.once("error", reject);
    request.end();
  });
}

describe("a runner is called over TLS", () => {
  const accepted: [string, KeyPair, Trust][] = [
    ["whose own certificate is pinned", own, { fingerprints: [fingerprintOf(own.cert)] }],
    [
      "whose certificate is one of several, in small letters without colons",
      own,
      {
        fingerprints: [signed, own].map(({ cert }) => fingerprintOf(cert).replaceAll(":", "").toLowerCase()),
      },
    ],
    ["whose certificate was signed by the authority", signed, { authorities: authority.cert }],
    ["whose own certificate is given as authority", own, { authorities: own.cert }],
    [
      "of which both are true",
      signed,
      { authorities: authority.cert, fingerprints: [fingerprintOf(signed.cert)] },
    ],
    [
      "whose pinned certificate is over: the pin knows it",
      expired,
      { fingerprints: [fingerprintOf(expired.cert)] },
    ],
  ];
  test.each(accepted)("%s", async (_, pair, trust) => {
    const server = await serve(pair);
    expect(await call(server.port, trust)).toBe(204);
    expect(server.text()).toContain("Bearer the-token");
  });
});

describe("the token does not leave for one", () => {
  const refused: [string, KeyPair, Trust, RegExp][] = [
    [
      "with another fingerprint",
      own,
      { fingerprints: [fingerprintOf(signed.cert)] },
      /its fingerprint is .*Somebody may stand in between/,
    ],
    ["that nobody knows", own, {}, /not trusted: self-signed certificate/],
    ["that another authority signed", signed, { authorities: own.cert }, /not trusted: unable to verify/],
    ["whose signed certificate is over", expired, { authorities: authority.cert }, /certificate has expired/],
    [
      "whose certificate is for another host",
      elsewhere,
      { authorities: authority.cert },
      /IP: 127\.0\.0\.1 is not in the cert's list/,
    ],
    [
      "that was signed, with another fingerprint",
      signed,
      { authorities: authority.cert, fingerprints: [fingerprintOf(own.cert)] },
      /its fingerprint is/,
    ],
    [
      "that has the fingerprint and was not signed",
      own,
      { authorities: authority.cert, fingerprints: [fingerprintOf(own.cert)] },
      /not trusted/,
    ],
  ];
  test.each(refused)("%s", async (_, pair, trust, words) => {
    const server = await serve(pair);
    const error = await call(server.port, trust).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "UntrustedError", message: expect.stringMatching(words) });
    expect(server.text()).toBe("");
  });

  test("who stands in between with a certificate of its own", async () => {
    const runner = await serve(own);
    const between = tls.createServer(await make(), (socket) => {
      const onwards = tls.connect({ host: "127.0.0.1", port: runner.port, rejectUnauthorized: false });
      for (const one of [socket, onwards]) one.on("error", () => undefined);
      socket.pipe(onwards).pipe(socket);
    });
    const port = await listen(between);
    await expect(call(port, { fingerprints: [fingerprintOf(own.cert)] })).rejects.toThrow("not trusted");
    expect(runner.text()).toBe("");
  });

  test("that speaks plain text, or nothing", async () => {
    let heard = "";
    const plain = net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        heard += bytes.toString("latin1");
        socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      });
    });
    const trust = { fingerprints: [fingerprintOf(own.cert)] };
    await expect(call(await listen(plain), trust)).rejects.toThrow();
    expect(heard).not.toContain("the-token");
    const silent = net.createServer((socket) => void socket.on("error", () => undefined).resume());
    await expect(call(await listen(silent), trust, 200)).rejects.toThrow(
      "no secure connection within 200 ms",
    );
  });
});

describe("a runner that wants to know its callers", () => {
  const mutual = { requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" as const };
  const trust = { fingerprints: [fingerprintOf(own.cert)] };

  test("hears one whose certificate its authority signed", async () => {
    const server = await serve(own, { ...mutual, ca: authority.cert });
    expect(await call(server.port, { ...trust, own: caller })).toBe(204);
  });

  test.each([
    ["without one", trust],
    ["with one that somebody else signed", { ...trust, own: stranger }],
  ])("hears nothing of one %s", async (_, shown) => {
    const server = await serve(own, { ...mutual, ca: authority.cert });
    await expect(call(server.port, shown)).rejects.toThrow();
    expect(server.text()).toBe("");
  });

  test("knows one that is given as it is", async () => {
    const server = await serve(own, { ...mutual, ca: stranger.cert });
    expect(await call(server.port, { ...trust, own: stranger })).toBe(204);
  });
});
