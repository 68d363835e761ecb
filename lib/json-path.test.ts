import { describe, expect, it } from "vitest";
import { JsonPathError, jsonPathLimits, parseJsonPath } from "./json-path";

const data = {
  patient: { name: "Amina", "a.b": 1, ids: [{ id: 7 }, { id: 8 }] },
  deep: { national_id: "A", list: [{ national_id: "B" }] },
};

describe("parseJsonPath", () => {
  it.each([
    ["$", [[]]],
    ["$.patient.name", [["patient", "name"]]],
    ["$.patient['a.b']", [["patient", "a.b"]]],
    [
      "$.patient.ids[*].id",
      [
        ["patient", "ids", 0, "id"],
        ["patient", "ids", 1, "id"],
      ],
    ],
    ["$.patient.ids[-1].id", [["patient", "ids", 1, "id"]]],
    ["$['patient','patient'].name", [["patient", "name"]]],
    [
      "$..national_id",
      [
        ["deep", "national_id"],
        ["deep", "list", 0, "national_id"],
      ],
    ],
    ["$.nobody[3].x", []],
  ])("%s leads to its places", (text, places) => {
    expect(parseJsonPath(text).places(data)).toEqual(places);
  });

  it("says what is there", () => {
    expect(parseJsonPath("$..id").values(data)).toEqual([7, 8]);
    expect(parseJsonPath("$.patient.__proto__").values(data)).toEqual([]);
  });

  it("follows data as deep as it comes", () => {
    let deep: unknown = { national_id: "X" };
    for (let i = 0; i < 2_000; i++) deep = { deep };
    expect(parseJsonPath("$..national_id").values(deep)).toEqual(["X"]);
  });

  it.each([
    ["patient.name", 'begins with "$"'],
    ["$.a[", "is not a path"],
    ["$.a[?@.b == 1]", "no filter"],
    ["$.a[?match(@.b, '(a+)+')]", "no filter"],
    ["$..a..b", "once at most"],
    [`$.${"a".repeat(jsonPathLimits.length)}`, "characters"],
    [`$${".a".repeat(jsonPathLimits.segments + 1)}`, "steps"],
    ["", "is not a path"],
  ])("refuses %s with what to do", (text, part) => {
    expect(() => parseJsonPath(text)).toThrow(JsonPathError);
    expect(() => parseJsonPath(text)).toThrow(part);
  });
});
