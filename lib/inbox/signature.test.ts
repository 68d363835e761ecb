import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { GenericScheme, SignatureScheme } from "@/lib/words";
import { openSecret, sealingKey, sealSecret } from "./sealed";
import { isSignedWith, toleranceSeconds } from "./signature";

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
