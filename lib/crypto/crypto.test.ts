import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const secret = "unit-secret-unit-secret-unit-secret-unit";

async function fresh(variables: Record<string, string>) {
  vi.resetModules();
  vi.unstubAllEnvs();
  vi.stubEnv("SECRET_KEY", "");
  vi.stubEnv("CREDENTIAL_KEY", "");
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return { ...(await import("./keys")), ...(await import("./envelope")) };
}

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllEnvs());

describe("deriveKey", () => {
  it("gives the same key for a purpose and unrelated ones for others", async () => {
    const { deriveKey } = await fresh({ SECRET_KEY: secret });
    expect(deriveKey("a")).toEqual(deriveKey("a"));
    expect(deriveKey("a")).not.toEqual(deriveKey("b"));
    expect(deriveKey("a", 64)).toHaveLength(64);
  });

  it("says what to do when there is no secret, or too short a one", async () => {
    const without = await fresh({});
    expect(() => without.deriveKey("a")).toThrow(/npm start/);
    const short = await fresh({ SECRET_KEY: "short" });
    expect(() => short.deriveKey("a")).toThrow(/32/);
  });
});

describe("envelope", () => {
  it("opens what it sealed, and seals the same text differently each time", async () => {
    const { seal, open } = await fresh({ SECRET_KEY: secret });
    const envelope = seal("naïve ✓", "credential:1");
    expect(envelope).toMatch(/^v1:[0-9a-f]{8}:/);
    expect(envelope).not.toEqual(seal("naïve ✓", "credential:1"));
    expect(open(envelope, "credential:1")).toBe("naïve ✓");
    expect(open(seal("", "x"), "x")).toBe("");
  });

  it("refuses another context, a changed byte and a foreign format", async () => {
    const { seal, open } = await fresh({ SECRET_KEY: secret });
    const envelope = seal("secret", "credential:1");
    const changed = envelope.slice(0, -2) + (envelope.endsWith("AA") ? "BB" : "AA");
    expect(() => open(envelope, "credential:2")).toThrow();
    expect(() => open(changed, "credential:1")).toThrow();
    expect(() => open("v0:x", "credential:1")).toThrow(/envelope/);
  });

  it("opens old envelopes after a key was put in front, and names the key that is missing", async () => {
    const before = await fresh({ SECRET_KEY: secret });
    const derived = before.seal("a", "c");
    const one = await fresh({ SECRET_KEY: secret, CREDENTIAL_KEY: "1".repeat(40) });
    const first = one.seal("b", "c");
    const two = await fresh({ SECRET_KEY: secret, CREDENTIAL_KEY: `${"2".repeat(40)}, ${"1".repeat(40)}` });
    expect([two.open(derived, "c"), two.open(first, "c")]).toEqual(["a", "b"]);
    expect(two.seal("d", "c").split(":")[1]).not.toBe(first.split(":")[1]);
    const lost = await fresh({ SECRET_KEY: secret });
    expect(() => lost.open(first, "c")).toThrow(first.split(":")[1]);
  });
});

describe("password", () => {
  it("accepts the password, however its accents are composed, and nothing else", async () => {
    const { hashPassword, verifyPassword } = await import("./password");
    const hash = await hashPassword("crème brûlée au four");
    expect(hash).toMatch(/^scrypt\$32768\$/);
    expect(await verifyPassword("crème brûlée au four".normalize("NFD"), hash)).toBe(true);
    expect(await verifyPassword("creme brulee au four", hash)).toBe(false);
    expect(await verifyPassword("", null)).toBe(false);
  });
});

describe("token", () => {
  it("is random, prefixed, and stored as its hash", async () => {
    const { hashToken, newToken } = await import("./token");
    const a = newToken("wb_");
    expect(a.token).toMatch(/^wb_[\w-]{43}$/);
    expect(a.hash).toBe(hashToken(a.token));
    expect(a.hash).not.toContain(a.token);
    expect(newToken("wb_").token).not.toBe(a.token);
  });
});

describe("inbox digest", () => {
  it("stands for a secret under one installation's key, the same on the edge and in Node", async () => {
    const { deriveKey } = await fresh({ SECRET_KEY: secret });
    const { authDigest, digestKey } = await import("@/lib/inbox/digest");
    const { createHmac } = await import("node:crypto");
    const key = await digestKey(secret);
    const expected = createHmac("sha256", deriveKey("inbox-digest")).update("api\0k1").digest("hex");
    expect(await authDigest(key, "api", "k1")).toBe(expected);
    expect(await authDigest(key, "basic", "k1")).not.toBe(expected);
    expect(await authDigest(await digestKey(`${secret}2`), "api", "k1")).not.toBe(expected);
  });

  it("reads the API key and the Basic pair of a request, whatever the case of the scheme", async () => {
    const { authDigest, digestKey, requestDigests } = await import("@/lib/inbox/digest");
    const key = await digestKey(secret);
    const basic = `bASIC ${Buffer.from("zoë:pass:word").toString("base64")}`;
    expect(await requestDigests(key, { authorization: basic, "x-api-key": "k" })).toEqual({
      api: await authDigest(key, "api", "k"),
      // UTF-8 by RFC 7617, and as older clients read it.
      basic: [
        await authDigest(key, "basic", "zoë:pass:word"),
        await authDigest(key, "basic", "zoÃ«:pass:word"),
      ],
      bearer: null,
    });
    const nothing = { api: null, basic: [], bearer: null };
    expect(await requestDigests(key, { authorization: "Basic %%%" })).toEqual(nothing);
    expect(await requestDigests(key, { authorization: "bearer  k" })).toEqual({
      ...nothing,
      bearer: await authDigest(key, "api", "k"),
    });
  });
});
