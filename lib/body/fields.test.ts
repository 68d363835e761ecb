import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nestFields } from "./fields";
import { readForm, readQuery } from "./form";

const nested = (query: string) => JSON.parse(JSON.stringify(nestFields(readQuery(query)).value));

// The cases of Plug's own documentation and tests (plug/conn/query), which OpenFn reads forms and queries with.
describe("fields nest as Plug nests them", () => {
  test.each<[string, unknown]>([
    ["foo=bar", { foo: "bar" }],
    ["foo=bar&foo=baz", { foo: "baz" }],
    ["foo[bar]=baz", { foo: { bar: "baz" } }],
    ["foo[]=bar&foo[]=baz", { foo: ["bar", "baz"] }],
    ["foo[bar]=1&foo[baz]=2", { foo: { bar: "1", baz: "2" } }],
    ["users[address][street]=x&users[address][city]=y", { users: { address: { street: "x", city: "y" } } }],
    ["a[][b]=1&a[][c]=2", { a: [{ b: "1" }, { c: "2" }] }],
    ["a[b][]=1&a[b][]=2", { a: { b: ["1", "2"] } }],
    ["x[]=1&x[y]=2", { x: { y: "2" } }],
    ["x[y]=1&x[]=2", { x: ["2"] }],
    ["x=1&x[y]=2", { x: { y: "2" } }],
    ["x[y]=2&x=1", { x: "1" }],
    ["x[y][][w]=2&x[y]=1", { x: { y: "1" } }],
    ["my+weird+field=q1%212%22", { "my weird field": 'q1!2"' }],
    ["a%5Bb%5D=1", { a: { b: "1" } }],
    ["a[b=1", { "a[b": "1" }],
    ["a]=1", { "a]": "1" }],
    ["[a]=1", { "": { a: "1" } }],
    ["=1", { "": "1" }],
    ["a", { a: "" }],
    ["a[]=", { a: [""] }],
    ["a=b=c", { a: "b=c" }],
    ["a=%zz%4", { a: "%zz%4" }],
    ["&&a=1&", { a: "1" }],
    ["", {}],
  ])("%s", (query, value) => expect(nested(query)).toEqual(value));

  test("in the order in which they were sent", () => {
    expect(Object.keys(nested("z=1&a=2&m[z]=1&m[a]=2"))).toEqual(["z", "a", "m"]);
  });

  test("a name 33 levels deep stays as it is, and is told", () => {
    const name = `a${"[b]".repeat(32)}`;
    expect(nestFields([[name, "1"]])).toMatchObject({ value: { [name]: "1" }, isDeep: true });
    expect(nestFields([[`a${"[b]".repeat(31)}`, "1"]]).isDeep).toBe(false);
  });

  test("what is sent twice is told", () => {
    expect(nestFields(readQuery("a=1&a=2")).isRepeated).toBe(true);
    expect(nestFields(readQuery("a[b]=1&a=2")).isRepeated).toBe(true);
    expect(nestFields(readQuery("a[]=1&a[]=2&b=1")).isRepeated).toBe(false);
  });
});

test("whatever the names are, nothing but the result changes, and every last value is in it", () => {
  const name = fc.oneof(
    fc.constantFrom("__proto__", "constructor", "prototype", "toString", "a", "", "length", "0"),
    fc.string({ maxLength: 4 }),
  );
  const field = fc.tuple(
    fc
      .tuple(name, fc.array(name, { maxLength: 3 }))
      .map(([first, rest]) => first + rest.map((one) => `[${one}]`).join("")),
    fc.string({ maxLength: 5 }),
  );
  const before = Object.getOwnPropertyNames(Object.prototype).join();
  fc.assert(
    fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
      const { value } = nestFields(fields);
      const last = fields.at(-1);
      const text = JSON.stringify(value);
      expect(JSON.parse(text)).toBeTypeOf("object");
      if (last) expect(text).toContain(JSON.stringify(last[1]));
      expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
      expect(Reflect.get({}, "a")).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

describe("forms", () => {
  const form = (text: string, declared?: string) => readForm(Buffer.from(text, "latin1"), declared);

  test("without brackets are what the URL standard makes of them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }))),
        (fields) => {
          const text = new URLSearchParams(fields.map(([k, v]) => [k, v.toWellFormed()])).toString();
          const read = readForm(Buffer.from(text), undefined);
          expect(read?.fields).toEqual([...new URLSearchParams(text)]);
        },
      ),
    );
  });

  test.each<[string, string | undefined, unknown, unknown]>([
    ["n=R%E9gion", "iso-8859-1", [["n", "Région"]], { name: "windows-1252", from: "declared" }],
    ["n=R\xe9gion", "iso-8859-1", [["n", "Région"]], { name: "windows-1252", from: "declared" }],
    ["n=R%E9gion", undefined, [["n", "Région"]], { name: "windows-1252", from: "assumed" }],
    ["n=R%C3%A9gion", undefined, [["n", "Région"]], undefined],
    ["n=R\xc3\xa9gion", "utf-8", [["n", "Région"]], undefined],
    ["n=%CF%F0%E8", "windows-1251", [["n", "При"]], { name: "windows-1251", from: "declared" }],
    ["n=%83%65", "shift_jis", [["n", "テ"]], { name: "shift_jis", from: "declared" }],
    [
      "_charset_=windows-1251&n=%CF",
      undefined,
      [
        ["_charset_", "windows-1251"],
        ["n", "П"],
      ],
      { name: "windows-1251", from: "document" },
    ],
  ])("%s in %s", (text, declared, fields, charset) => {
    const read = form(text, declared);
    expect(read?.fields).toEqual(fields);
    expect(read?.charset).toEqual(charset);
  });

  test("a false charset falls back, and is told", () => {
    expect(form("n=%E9", "utf-8")).toMatchObject({
      notes: ["charset_mismatch"],
      charset: { from: "assumed" },
    });
    expect(form("n=%C3%A9", "klingon")).toMatchObject({ notes: ["charset_unknown"], fields: [["n", "é"]] });
  });

  test("of more fields than any form has are not read", () => {
    expect(form("a&".repeat(100_000))).toBeUndefined();
    expect(form("a&".repeat(99_999))?.fields).toHaveLength(99_999);
  });
});
