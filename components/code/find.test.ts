import { describe, expect, test } from "vitest";
import { findInJson, splitAt } from "./find";

describe("search in a body", () => {
  const body = { patient: { id: "P-7", "given name": "Ama" }, visits: [{ id: 3 }, { note: null }] };

  test("gives the path of every key or value that contains the text", () => {
    expect(findInJson(body, "ID")).toEqual([
      { path: "$.patient.id", value: '"P-7"' },
      { path: "$.visits[0].id", value: "3" },
    ]);
    expect(findInJson(body, "ama")).toEqual([{ path: '$.patient["given name"]', value: '"Ama"' }]);
  });

  test("finds branches by their key", () => {
    expect(findInJson(body, "visits")).toEqual([{ path: "$.visits", value: "[…]" }]);
  });

  test("cuts a text at every occurrence and loses nothing", () => {
    expect(splitAt("abcABC", "b")).toEqual(["a", "b", "cA", "B", "C"]);
    expect(splitAt("abc", "")).toEqual(["abc"]);
  });
});
