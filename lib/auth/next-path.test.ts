import { describe, expect, it } from "vitest";
import { nextPath, pathWithin, withNext } from "./next-path";

describe("nextPath", () => {
  it("keeps paths of this site, with their query", () => {
    expect(nextPath("/p/1/inbox?state=failure#top")).toBe("/p/1/inbox?state=failure#top");
    expect(nextPath(["/account", "/x"])).toBe("/account");
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/\t/evil.example",
    "evil",
    "",
    undefined,
  ])("never leaves the site: %j", (next) => expect(nextPath(next)).toBe("/projects"));

  it("says nothing where the project list comes anyway", () => {
    expect(withNext("/sign-in", "/projects")).toBe("/sign-in");
    expect(withNext("/sign-up?invitation=a", "/p/1")).toBe("/sign-up?invitation=a&next=%2Fp%2F1");
  });
});

it("pathWithin takes the path of our own addresses only", () => {
  const origin = "http://127.0.0.1:3000";
  expect(pathWithin(origin, "http://127.0.0.1:3000/p/1?a=b")).toBe("/p/1?a=b");
  for (const other of ["http://127.0.0.1:30001/p", "http://evil.example/p", "/p", undefined])
    expect(pathWithin(origin, other)).toBeUndefined();
});
