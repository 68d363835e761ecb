import { describe, expect, test } from "vitest";
import { Scrubber, secretsOf } from "./scrub";

const secret = 'p@ss/wörd "1"\\x';
const scrubber = new Scrubber({
  username: "jane",
  password: secret,
  nested: { keys: ["k3y-number-one", 123456] },
});

describe("a secret is masked", () => {
  const bytes = Buffer.from(secret);
  const forms: [string, string][] = [
    ["raw", secret],
    ["URL-encoded", encodeURIComponent(secret)],
    ["form-encoded", encodeURIComponent(secret).replaceAll("%20", "+")],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["in JSON in JSON", JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
    ["base64", bytes.toString("base64")],
    ["base64url", bytes.toString("base64url")],
    ["hex", bytes.toString("hex")],
    ["upper-case hex", bytes.toString("hex").toUpperCase()],
    ["as Basic authentication", Buffer.from(`jane:${secret}`).toString("base64")],
  ];
  test.each(forms)("%s", (_, form) => expect(scrubber.text(`before ${form} after`)).toBe("before *** after"));
  test("in lists and as a number", () => expect(scrubber.text("k3y-number-one 123456")).toBe("*** ***"));
  test("in keys and values of data", () => {
    expect(scrubber.value({ a: [secret, 1, null], [secret]: { b: secret } })).toEqual({
      a: ["***", 1, null],
      "***": { b: "***" },
    });
  });
  test("the longest form first, so that nothing is left of it", () => {
    expect(new Scrubber({ a: "abcd", b: "abcdefgh" }).text("abcdefgh abcd")).toBe("*** ***");
  });
});

describe("what people need to see stays", () => {
  test("user names, hosts and addresses", () => {
    expect(
      secretsOf({
        username: "jane-doe",
        baseUrl: "https://api.example.org/v1",
        host: "db.example.org",
        port: 5432,
      }),
    ).toEqual([]);
  });
  test("but not an address that carries a secret", () => {
    const urls = { baseUrl: "https://user:pw@example.org", url: "https://example.org/hook?token=abc" };
    expect(secretsOf(urls)).toEqual(Object.values(urls));
  });
  test("values of fewer than four characters, and none without a credential", () => {
    expect(new Scrubber({ pin: "123" }).text("123")).toBe("123");
    expect(new Scrubber(null).text("anything")).toBe("anything");
  });
  test("short values where data would be spoilt", () =>
    expect(new Scrubber({ password: "test" }).text('{"a":"test"}', 8)).toBe('{"a":"test"}'));
});

test("160 forms cost a line no more than a few times what ten do", () => {
  const withSecrets = (length: number) =>
    new Scrubber(
      Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, `secret-value-${i}-${"x".repeat(i)}`])),
    );
  const linesMs = (scrubber: Scrubber) => {
    const startedAt = performance.now();
    for (let line = 0; line < 10_000; line += 1)
      scrubber.text(`an ordinary line of a job, number ${line}, with nothing in it`);
    return performance.now() - startedAt;
  };
  /** The shortest of five: what else the machine does comes on top. */
  const shortestMs = (scrubber: Scrubber) => Math.min(...[1, 2, 3, 4, 5].map(() => linesMs(scrubber)));
  expect(shortestMs(withSecrets(16))).toBeLessThan(6 * shortestMs(withSecrets(1)));
});

test("texts are made fit to be stored", () => {
  expect(new Scrubber(null).text("a\u0000b\ud800")).toBe("a\ufffdb\ufffd");
  expect(new Scrubber(null).value({ "k\u0000": ["\u0000"] })).toEqual({ "k\ufffd": ["\ufffd"] });
});
