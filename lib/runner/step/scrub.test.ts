import fc from "fast-check";
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
  test("short values within longer words and numbers, and words of JSON", () => {
    const hiding = new Scrubber({ password: "test", pin: 1234, switch: "true" });
    expect(hiding.json('{"a":"latest test","b":[1234,12345,true,"true","x1234","1234"]}')?.text).toBe(
      '{"a":"latest ***","b":["***",12345,true,"true","x***","***"]}',
    );
    expect(hiding.text("true 1234 12345 PIN1234 latest\ntest")).toBe("true *** 12345 PIN*** latest\n***");
    expect(hiding.json('["latest\\ntest"]')?.text).toBe('["latest\\n***"]');
  });
  test("keys, which are structure, unless no field is called like that", () => {
    const token = "tok_8f3a9c0b1d2e4f56";
    const hiding = new Scrubber({ password: "district", other: "patient_name", token });
    expect(hiding.json(`{"district":"Bo","patient_name":["district"],"${token}":1,"x${token}":2}`)).toEqual({
      text: '{"district":"Bo","patient_name":["***"],"***":1,"x*** (2)":2}',
      hidden: ["district", "patient_name", token],
    });
  });
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

test("what came with the input of other credentials is hidden, too", () => {
  const first = new Scrubber({ username: "jane", password: "correct horse" }).json('{"x":"correct horse"}');
  const next = new Scrubber({ token: "abcdefgh" }, first?.hidden);
  expect(next.text(`${Buffer.from("jane:correct horse").toString("base64")} correct horse abcdefgh`)).toBe(
    "*** *** ***",
  );
  expect(next.json('{"nothing":1}')).toBeNull();
});

test("an escape that JSON does not ask for hides nothing", () => {
  expect(new Scrubber({ token: "abcdefgh" }).json('["\\u0061bcdefgh"]')?.text).toBe('["***"]');
});

/** Every text and number in a JSON value that is no key. */
const leaves = (value: unknown): string[] =>
  typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];
const blank = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, item: unknown) => (typeof item === "object" && item ? item : 0));

test("for any credential and any state: the same structure, no secret among the values", () => {
  const secret = fc.oneof(
    fc.constantFrom(
      "district",
      "12345678",
      '{"a":1}',
      '","',
      "data",
      'p"w\\d{}[]:,',
      "näme-ünïcode",
      "passpass",
      "pass",
    ),
    fc.string({ unit: "binary", minLength: 4, maxLength: 20 }),
    fc.integer({ min: 1000, max: 99_999_999 }),
  );
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      fc.jsonValue({ stringUnit: "binary" }),
      (secrets, data) => {
        const state = {
          data,
          keys: Object.fromEntries(secrets.map((one) => [`k${one}`, one])),
          mixed: [`<${secrets.join("|")}>`, ...secrets],
        };
        const text = JSON.stringify(state);
        const shown = JSON.parse(new Scrubber({ secrets }).json(text)?.text ?? text);
        for (const one of secretsOf({ secrets }).filter((known) => known.length >= 8))
          expect(leaves(shown).filter((leaf) => leaf.includes(one) && leaf !== "***")).toEqual([]);
        for (const one of secretsOf({ secrets })) expect(leaves(shown)).not.toContain(one);
        if (!secrets.some((one) => String(one).length >= 8)) expect(blank(shown)).toEqual(blank(state));
      },
    ),
  );
});
