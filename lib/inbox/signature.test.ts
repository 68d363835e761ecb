import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { GenericScheme, SignatureScheme } from "@/lib/words";
import { openSecret, sealingKey, sealSecret } from "./sealed";
import { isSignedWith, toleranceSeconds, unsigned } from "./signature";

const body = (text: string) => new TextEncoder().encode(text);
const hmac = (algorithm: string, key: string | Buffer, content: string | Buffer) =>
  createHmac(algorithm, key).update(content).digest();

describe("what the senders' own documents show", () => {
  test("GitHub", async () => {
    const secret = "It's a Secret to Everybody";
    const headers = {
      "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    };
    const scheme = { preset: "github" } as const;
    expect(await isSignedWith(scheme, secret, { headers, body: body("Hello, World!") })).toBe(true);
    expect(await isSignedWith(scheme, secret, { headers, body: body("Hello, World! ") })).toBe(false);
  });

  test("Standard Webhooks", async () => {
    const headers = {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature":
        "v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v2,x v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const signed = { headers, body: body('{"test": 2432232314}') };
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const scheme = { preset: "standard_webhooks" } as const;
    expect(await isSignedWith(scheme, secret, signed, 1614265330_000)).toBe(true);
    expect(await isSignedWith(scheme, secret.slice(6), signed, 1614265330_000)).toBe(true);
    const other = { ...signed, headers: { ...headers, "webhook-id": "msg_other" } };
    expect(await isSignedWith(scheme, secret, other, 1614265330_000)).toBe(false);
  });
});

const nowMs = 1_700_000_000_000;
const key = Buffer.from("0123456789abcdef01234567");
const timed: [SignatureScheme, string, (seconds: number) => Record<string, string>][] = [
  [
    { preset: "standard_webhooks" },
    `whsec_${key.toString("base64")}`,
    (t) => ({
      "webhook-id": "m",
      "webhook-timestamp": String(t),
      "webhook-signature": `v1,${hmac("sha256", key, `m.${t}.{}`).toString("base64")}`,
    }),
  ],
  [
    { preset: "stripe" },
    "whsec_x",
    (t) => ({
      "stripe-signature": `t=${t},v1=${"0".repeat(64)}, v1=${hmac("sha256", "whsec_x", `${t}.{}`).toString("hex")},v0=1`,
    }),
  ],
];

test.each(timed)("$preset is true for five minutes, in both directions", async (scheme, secret, sign) => {
  const at = (seconds: number) =>
    isSignedWith(scheme, secret, { headers: sign(nowMs / 1000 + seconds), body: body("{}") }, nowMs);
  expect(await Promise.all([0, -toleranceSeconds, toleranceSeconds].map(at))).toEqual([true, true, true]);
  expect(await Promise.all([-toleranceSeconds - 1, toleranceSeconds + 1, Number.NaN].map(at))).toEqual([
    false,
    false,
    false,
  ]);
});

test("a generic signature is in any hash, encoding and dress", async () => {
  for (const algorithm of ["sha1", "sha256", "sha512"] as const)
    for (const encoding of ["hex", "base64"] as const)
      for (const prefix of ["", "hmac "]) {
        const scheme: GenericScheme = { preset: "generic", header: "x-sig", algorithm, encoding, prefix };
        const bytes = Buffer.from([0, 255, 13, 10, 32]);
        const value = prefix + hmac(algorithm, "sécret", bytes).toString(encoding);
        const is = (sent: string) =>
          isSignedWith(scheme, "sécret", { headers: { "x-sig": sent }, body: bytes });
        expect(await is(value)).toBe(true);
        if (encoding === "hex")
          expect(await is(prefix + value.slice(prefix.length).toUpperCase())).toBe(true);
        for (const wrong of [`x${value}`, value.slice(0, -4), `${value}00`, prefix, "", "é"])
          expect(await is(wrong)).toBe(false);
        expect(await isSignedWith(scheme, "sécret", { headers: {}, body: bytes })).toBe(false);
      }
});

test.each<SignatureScheme>([{ preset: "github" }, { preset: "stripe" }, { preset: "standard_webhooks" }])(
  "headers of nonsense are not signed, whatever the secret ($preset)",
  async (scheme) => {
    for (const nonsense of ["", " ", ",", "v1,", "t=1,v1=", "sha256=", "sha256=zz", "=".repeat(10_000)])
      for (const secret of ["", "whsec_", "secret"]) {
        const headers = {
          "x-hub-signature-256": nonsense,
          "stripe-signature": `t=${nowMs / 1000},${nonsense}`,
          "webhook-signature": nonsense,
          "webhook-id": "m",
          "webhook-timestamp": String(nowMs / 1000),
        };
        expect(await isSignedWith(scheme, secret, { headers, body: body("") }, nowMs)).toBe(false);
      }
  },
);

test("a sealed secret opens for its context and key alone", async () => {
  const own = await sealingKey("k".repeat(40));
  const sealed = await sealSecret(own, "naïve ✓", "signature:p:n");
  expect(sealed).not.toBe(await sealSecret(own, "naïve ✓", "signature:p:n"));
  expect(await openSecret(own, sealed, "signature:p:n")).toBe("naïve ✓");
  expect(await openSecret(own, sealed, "signature:p:other")).toBeUndefined();
  expect(await openSecret(await sealingKey("l".repeat(40)), sealed, "signature:p:n")).toBeUndefined();
  for (const none of ["", "v1", "v1:%:%", sealed.replace("v1", "v0"), sealed.slice(0, -4)])
    expect(await openSecret(own, none, "signature:p:n")).toBeUndefined();
});

describe("Twilio", () => {
  const scheme = { preset: "twilio" } as const;
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const fields =
    "To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE";
  const documented = {
    headers: { ...form, "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
    body: body(fields),
    sentTo: { origin: "https://mycompany.com", path: "/myapp.php", search: "?foo=1&bar=2" },
  };
  const signs = (content: string) => ({
    "x-twilio-signature": hmac("sha1", "12345", content).toString("base64"),
  });

  test("signs the address and the sorted fields, as its documents show", async () => {
    expect(await isSignedWith(scheme, "12345", documented)).toBe(true);
    const { sentTo } = documented;
    const others = [
      { ...documented, body: body(fields.replace("1234", "1235")) },
      { ...documented, sentTo: { ...sentTo, search: "?foo=1&bar=3" } },
      { ...documented, sentTo: { ...sentTo, path: "/myapp" } },
      { ...documented, sentTo: { ...sentTo, origin: "http://mycompany.com" } },
      { ...documented, sentTo: { ...sentTo, origin: "https://mycompany.com:8443" } },
      { ...documented, sentTo: undefined },
    ];
    for (const other of others) expect(await isSignedWith(scheme, "12345", other)).toBe(false);
    expect(await isSignedWith(scheme, "54321", documented)).toBe(false);
  });

  test("may name the standard port, and always names another one", async () => {
    const at = (origin: string, written: string) =>
      isSignedWith(scheme, "12345", {
        headers: signs(`${written}/i/x`),
        body: body(""),
        sentTo: { origin, path: "/i/x", search: "" },
      });
    expect(await at("https://a.example", "https://a.example")).toBe(true);
    expect(await at("https://a.example", "https://a.example:443")).toBe(true);
    expect(await at("http://a.example:8080", "http://a.example:8080")).toBe(true);
    expect(await at("http://a.example:8080", "http://a.example")).toBe(false);
  });

  test("signs what is no form by its hash in the query, and nothing else", async () => {
    const json = '{"CallSid":"CA1"}';
    const hash = createHash("sha256").update(json).digest("hex");
    const send = (search: string, sent: string) =>
      isSignedWith(scheme, "12345", {
        headers: { "content-type": "application/json", ...signs(`https://a.example/i/x${search}`) },
        body: body(sent),
        sentTo: { origin: "https://a.example", path: "/i/x", search },
      });
    expect(await send(`?a=1&bodySHA256=${hash}`, json)).toBe(true);
    expect(await send(`?a=1&bodySHA256=${hash}`, `${json} `)).toBe(false);
    expect(await send("?a=1", json)).toBe(false);
  });

  test("takes each value of a field once, in order", async () => {
    const sentTo = { origin: "https://a.example", path: "/i/x", search: "" };
    const headers = { ...form, ...signs("https://a.example/i/xA1A2aéb") };
    const sent = { headers, body: body("A=2&a=%C3%A9b&A=1&A=2"), sentTo };
    expect(await isSignedWith(scheme, "12345", sent)).toBe(true);
  });
});

test("CommCare signs the bytes, in base64", async () => {
  const scheme = { preset: "commcare" } as const;
  const headers = { "x-mac-digest": hmac("sha256", "secret-secret", "{}").toString("base64") };
  expect(await unsigned(scheme, "secret-secret", { headers, body: body("{}") })).toBeNull();
  expect(await unsigned(scheme, "secret-secret", { headers, body: body("{ }") })).toBe("mismatch");
  expect(await unsigned(scheme, "secret-secret", { headers: {}, body: body("{}") })).toBe("absent");
});

test.each(["kobo", "header"] as const)(
  "%s takes the secret itself, whole and after its prefix",
  async (preset) => {
    const scheme = { preset, header: "x-secret", prefix: "Bearer " };
    const sent = (value: string) =>
      unsigned(scheme, "sécret-sécret", { headers: { "x-secret": value }, body: body("{}") });
    expect(await sent("Bearer sécret-sécret")).toBeNull();
    expect(await sent("bearer  sécret-sécret ")).toBeNull();
    for (const wrong of ["Bearer sécret", "Bearer sécret-sécret2", "Bearer "])
      expect(await sent(wrong)).toBe("mismatch");
    expect(await sent("sécret-sécret")).toBe("malformed");
  },
);

test.each(timed)("$preset counts for as long as it is told to", async (scheme, secret, sign) => {
  const at = (seconds: number, toleranceSeconds: number) =>
    unsigned(
      { ...scheme, toleranceSeconds } as SignatureScheme,
      secret,
      { headers: sign(nowMs / 1000 - seconds), body: body("{}") },
      nowMs,
    );
  expect([await at(30, 20), await at(20, 20), await at(3600, 3600)]).toEqual(["stale", null, null]);
});
