import { expect, test } from "vitest";
import { snippetOf } from "./snippet";
import { signatureOf, type Word } from "./word";

const word = (name: string, params: string[], description = "It does something."): Word => ({
  name,
  description,
  params: params.map((param) => ({ name: param, description: param === "extra" ? "Optional. More." : "" })),
  from: "test",
});

test.each([
  [word("get", ["path", "options"]), 'get("#{path}")'],
  [word("post", ["path", "body", "options"]), 'post("#{path}", #{body})'],
  [word("create", ["resource", "data", "extra"]), 'create("#{resource}", #{data})'],
  [word("options", ["options"]), "options(#{options})"],
  [word("cursor", ["value", "options"]), "cursor(#{value})"],
  [word("map", ["path", "operation", "state"]), 'map("#{path}", state => #{state}, #{state})'],
  [word("now", []), "now(#{})"],
  [word("util", [], ""), "util"],
  [word("odd", ["...args", "{ a }"]), "odd(#{args}, #{a})"],
])("%o", (given, expected) => expect(snippetOf(given)).toBe(expected));

test("what everybody writes comes as it is written", () => {
  expect(snippetOf(word("fn", ["func"]))).toContain("return state;");
  expect(snippetOf(word("each", ["dataSource", "fn"]))).toContain("[*]");
});

test("a signature names the parameters, and promises no call where nothing is known", () => {
  expect(signatureOf(word("get", ["path", "options"]))).toBe("get(path, options)");
  expect(signatureOf(word("now", []))).toBe("now()");
  expect(signatureOf(word("util", [], ""))).toBe("util");
});
