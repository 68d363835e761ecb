import { describe, expect, it } from "vitest";
import { nextPath, withNext } from "./next-path";

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
