import { describe, expect, test } from "vitest";
import type { AuthMethodSummary } from "@/lib/domain/auth-method/list";
import { requestOfMessage } from "./from-message";
import { proofAt } from "./proof";

const message = {
  id: "019ac0de-0000-7000-8000-000000000001",
  method: "POST",
  path: ["forms", "a b"],
  query: { a: { b: "1" }, list: ["x", "y"], api_key: "k-123" },
  headers: {
    "content-type": "application/json",
    "content-encoding": "gzip",
    host: "example.org",
    "user-agent": "curl/8",
    "content-length": "12",
    "x-forwarded-for": "10.0.0.1",
    "idempotency-key": "one",
    authorization: "Bearer [REDACTED]",
    "x-hook-token": "hush",
    "x-clinic": "north",
    cookie: "[REDACTED]",
  },
};
const target = { url: "https://waybill.example/i/one", proof: [] };
const bytes = (text: string) => new TextEncoder().encode(text);

describe("a message as a request", () => {
  test("has what is the message's own, and nothing of the way that it came", () => {
    const request = requestOfMessage(message, target, bytes('{"a":1}'));
    expect(request).toMatchObject({ method: "POST", body: { text: '{"a":1}' } });
    expect(request.url).toBe(
      "https://waybill.example/i/one/forms/a%20b?a%5Bb%5D=1&list%5B%5D=x&list%5B%5D=y&api_key=%3Cthe+api_key+of+the+sender%3E",
    );
    expect(Object.fromEntries(request.headers)).toEqual({
      "content-type": "application/json",
      "content-encoding": "gzip",
      authorization: "<the authorization of the sender>",
      "x-hook-token": "<the x-hook-token of the sender>",
      "x-clinic": "north",
    });
  });

  test("never holds a secret: placeholders stand for what senders prove themselves with", () => {
    const said = JSON.stringify(requestOfMessage(message, target, bytes("x")));
    for (const secret of ["k-123", "hush", "REDACTED"]) expect(said).not.toContain(secret);
  });

  test("keeps every byte: as text when it is one, as base64 when it is none, as a file when it is long", () => {
    const body = (given: Uint8Array) => requestOfMessage(message, target, given).body;
    expect(body(bytes("\uFEFFé😀"))).toEqual({ text: "\uFEFFé😀" });
    expect(body(Uint8Array.of(0xff, 0xfe, 0))).toEqual({ base64: "//4A" });
    expect(body(new Uint8Array(40_000))).toEqual({ file: `message-${message.id}` });
    expect(requestOfMessage({ ...message, method: "GET" }, target, new Uint8Array()).body).toBeNull();
  });
});

describe("what is to be proved at a URL", () => {
  const method = (more: Partial<AuthMethodSummary>): AuthMethodSummary => ({
    ...{ id: "m", name: "m", username: null, signature: null, oldEndsAt: null, createdAt: "" },
    ...{ type: "api", onInbox: true, triggerIds: ["t"] },
    ...more,
  });

  test("is a placeholder for whatever the URL asks for", () => {
    expect(proofAt([], null)).toEqual([]);
    expect(proofAt([method({ onInbox: false })], null)).toEqual([]);
    expect(proofAt([method({})], "t")).toEqual([["x-api-key", "<the API key>"]]);
    expect(proofAt([method({ type: "basic", username: "clinic" })], null)).toEqual([
      ["authorization", "Basic <base64 of clinic:password>"],
    ]);
    const signed = (signature: AuthMethodSummary["signature"]) =>
      proofAt([method({ type: "hmac", signature })], null);
    expect(signed({ preset: "github" })).toEqual([["x-hub-signature-256", "<the signature of this body>"]]);
    expect(signed({ preset: "header", header: "x-secret", prefix: "Token " })).toEqual([
      ["x-secret", "Token <the secret>"],
    ]);
  });

  test("takes the place of what the message came with", () => {
    const proof = [["authorization", "Basic <…>"]] as const;
    const { headers } = requestOfMessage(message, { ...target, proof }, bytes(""));
    expect(headers.filter(([name]) => name === "authorization")).toEqual(proof);
  });
});
