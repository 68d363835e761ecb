import { describe, expect, test } from "vitest";
import { versionWords } from "./adaptor-words";
import { type Credential, groupsOf } from "./credential-groups";
import { namesMeant } from "./names-meant";

const known = ["@openfn/language-common", "@openfn/language-fhir", "@openfn/language-http"];

describe("a search for adaptors", () => {
  test("finds by a part of the name, the nearest first", () => {
    expect(namesMeant("", known)).toEqual({ found: known, other: null });
    expect(namesMeant("http", known)).toEqual({ found: ["@openfn/language-http"], other: null });
    expect(namesMeant("h", known).found).toEqual(["@openfn/language-http", "@openfn/language-fhir"]);
  });
  test("offers the whole name that a short one stands for", () => {
    expect(namesMeant(" DHIS2 ", known)).toEqual({ found: [], other: "@openfn/language-dhis2" });
    expect(namesMeant("@openfn/language-dhis2", known).other).toBe("@openfn/language-dhis2");
    expect(namesMeant("language-http", known)).toEqual({ found: ["@openfn/language-http"], other: null });
    expect(namesMeant("left pad!", known)).toEqual({ found: [], other: null });
  });
});

describe("an adaptor's version", () => {
  const found = { saved: null, version: null, problem: null, isLooking: false };
  test.each([
    ["latest", "7.2.10", { ...found, saved: "7.2.10" }, "Pinned to 7.2.10 since it was saved."],
    [
      "latest",
      "7.3.0",
      { ...found, saved: "7.2.10" },
      "Pinned to 7.2.10 since it was saved; 7.3.0 is the newest.",
    ],
    ["latest", "7.3.0", { ...found, version: "7.3.0" }, "Pinned to 7.3.0 when it is saved."],
    ["6.0.0", null, found, "Pinned to 6.0.0 when it is saved."],
    ["latest", null, found, "Pinned when it is saved."],
    ["9.9.9", null, { ...found, problem: "There is none." }, "It cannot be had."],
  ])("%s, of which %s is the newest", (spec, newest, how, words) =>
    expect(versionWords(spec, newest, how)).toBe(words),
  );
});

describe("what a job may sign in with", () => {
  const credential = (id: string, schema: string): Credential => ({
    id,
    name: id,
    schema,
    allowedHosts: null,
    owner: "ada@example.org",
    isMine: id === "a",
    isInEnvironment: id !== "c",
  });
  test("comes in groups, what is made for the adaptor first", () => {
    const credentials = [
      credential("a", "raw"),
      credential("b", "@openfn/language-http"),
      credential("c", "http"),
    ];
    const keychain = { id: "k", name: "By facility", path: "$.facility" };
    expect(groupsOf(credentials, [keychain], "@openfn/language-http")).toEqual([
      {
        title: "Made for @openfn/language-http",
        items: [
          { id: "b", words: "b (of ada@example.org)" },
          { id: "c", words: "c (of ada@example.org, nothing in this environment)" },
        ],
      },
      { title: "Other credentials", items: [{ id: "a", words: "a (yours)" }] },
      { title: "Keychains", items: [{ id: "k", words: "By facility" }] },
    ]);
    expect(groupsOf([], [], "@openfn/language-http")).toEqual([]);
  });
});
