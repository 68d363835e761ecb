import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { isRedacted, redact, redactionKey } from "@/lib/crypto/redaction";
import { parseJsonPath, valueAt } from "@/lib/json-path";
import { Digests, withCuts } from "./digests";
import { jsonCuts } from "./json";
import { markedPlaces } from "./marks";

let key: CryptoKey;
beforeAll(async () => {
  key = await redactionKey(
    "unit-secret-unit-secret-unit-secret-unit",
    "7f8e1a52-8f52-4d8a-9f6a-0d2c7c6f0b11",
  );
});

async function redacted(text: string, ...paths: string[]): Promise<string> {
  const { root } = markedPlaces(paths.map(parseJsonPath), JSON.parse(text));
  return withCuts(text, jsonCuts(text, root), new Digests(key));
}

describe("jsonCuts", () => {
  test("leaves all else as it is written", async () => {
    const name = await redact(key, "Amina");
    const number = await redact(key, "12345678901234567890");
    expect(
      await redacted(
        '{ "patient" : {"na\\u006de": "Am\\u0069na" ,\n"n":1.50, "big":12345678901234567890},"l":[{"name":"Amina"},"x"] }\n',
        "$.patient['name','big']",
        "$..name",
      ),
    ).toBe(
      `{ "patient" : {"na\\u006de": "${name}" ,\n"n":1.50, "big":"${number}"},"l":[{"name":"${name}"},"x"] }\n`,
    );
  });

  test("has one form for a value, in whatever order and spelling it came", async () => {
    const [a, b] = await Promise.all([
      redacted('{"p":{"a":1,"b":["x",{"d":2,"c":3}]}}', "$.p"),
      redacted('{"p": { "b":["\\u0078",{"c":3,"d":2}], "a":1}}', "$.p"),
    ]);
    expect(JSON.parse(a)).toEqual(JSON.parse(b));
    expect(await redacted('{"p":1.50}', "$.p")).toBe(`{"p":"${await redact(key, "1.5")}"}`);
    expect(await redacted('{"p":true}', "$.p")).toBe(`{"p":"${await redact(key, "true")}"}`);
  });

  test("lets null, empty texts and what is redacted be", async () => {
    const form = await redact(key, "Amina");
    const text = `{"a":null,"b":"","c":[],"d":{},"e":"${form}"}`;
    expect(await redacted(text, "$.*")).toBe(text);
  });

  test("redacts what a key of the same name hides from every reader", async () => {
    const text =
      '{"patient":{"name":"Amina"},"x":1,"\\u0070atient":{"name":"Binta","name":"Coumba","id":7},"x":2,"patient":{"id":{"y":3}}}';
    const out = await redacted(text, "$.patient.name");
    for (const name of ["Amina", "Binta", "Coumba"]) expect(out).not.toContain(name);
    expect(JSON.parse(out)).toEqual({ patient: { id: { y: 3 } }, x: 2 });
    expect(out).toContain(`"x":"${await redact(key, "1")}"`);
  });

  test("of any JSON, however it is written, is what the paths say and nothing else", async () => {
    const member = fc.constantFrom("a", "b", "ü", '"', "\\", "__proto__");
    const space = fc.constantFrom("", " ", "\n\t");
    const text = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string().map((one) => JSON.stringify(one)),
        fc.constantFrom("1", "-0.50", "1e400", "true", "null", '"\\ud800"', '"\\u0041\\\\"'),
        fc
          .tuple(space, fc.array(tie("value"), { maxLength: 4 }))
          .map(([s, items]) => `[${s}${(items as string[]).join(`${s},`)}${s}]`),
        fc
          .tuple(space, fc.array(fc.tuple(member, tie("value")), { maxLength: 4 }))
          .map(
            ([s, members]) =>
              `{${s}${members.map(([k, v]) => `${JSON.stringify(k)}${s}:${s}${v}`).join(`,${s}`)}${s}}`,
          ),
      ),
    })).value as fc.Arbitrary<string>;
    const path = fc.constantFrom("$.a", "$..a", "$[0]", "$.*.b", "$..[1]", "$['ü']", "$[*]['__proto__']");
    await fc.assert(
      fc.asyncProperty(text, fc.uniqueArray(path, { minLength: 1, maxLength: 3 }), async (written, paths) => {
        const before: unknown = JSON.parse(written);
        const { root } = markedPlaces(paths.map(parseJsonPath), before);
        const after: unknown = JSON.parse(await redacted(written, ...paths));
        const compare = (one: unknown, other: unknown, mark: typeof root | undefined): void => {
          if (mark?.isWhole) expect(isRedacted(other as string)).toBe(true);
          else if (typeof one !== "object" || one === null) expect(other).toEqual(one);
          if (mark?.isWhole || typeof one !== "object" || one === null) return;
          expect(Object.keys(other as object)).toEqual(Object.keys(one));
          for (const step of Array.isArray(one) ? one.keys() : Object.keys(one))
            compare(valueAt(one, [step]), valueAt(other, [step]), mark?.inner.get(step));
        };
        compare(before, after, root);
      }),
      { numRuns: 500 },
    );
  });
});
