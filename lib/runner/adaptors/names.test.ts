import { describe, expect, it } from "vitest";
import { diffOperations } from "./diff";
import { AdaptorInstallError } from "./errors";
import { checkName, checkVersion, parseSpecifier } from "./names";

const isRefused = (check: () => void) => {
  try {
    check();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(AdaptorInstallError);
    expect(error).toMatchObject({ problem: "invalid" });
    return true;
  }
};

describe("adaptor names", () => {
  const good = ["@openfn/language-http", "@openfn/language-google-sheets", "@openfn/language-dhis2"];
  const bad = [
    "",
    "lodash",
    "@openfn/runtime",
    "@openfn/language-",
    "@openfn/language-http;id",
    "@openfn/language-http --registry=x",
    "../x",
    "@openfn/language-http/../../x",
    "@openfn/language-HTTP",
    "@evil/language-http",
    "git+ssh://x/y",
    "file:../x",
    "https://x/y.tgz",
    "@openfn/language-http\n",
    "npm:lodash",
    `@openfn/language-${"a".repeat(99)}`,
  ];
  it.each(good)("accepts %s", (name) => expect(isRefused(() => checkName(name))).toBe(false));
  it.each(bad)("refuses %j", (name) => expect(isRefused(() => checkName(name))).toBe(true));
  it("accepts what the operator listed, when it is a package name", () => {
    const listed = ["@acme/adaptor", "acme", "--global", "../x"];
    expect(isRefused(() => checkName("@acme/adaptor", listed))).toBe(false);
    expect(isRefused(() => checkName("acme", listed))).toBe(false);
    expect(isRefused(() => checkName("@acme/other", listed))).toBe(true);
    expect(isRefused(() => checkName("--global", listed))).toBe(true);
    expect(isRefused(() => checkName("../x", listed))).toBe(true);
  });
});

describe("adaptor versions", () => {
  it.each(["7.2.10", "1.0.0-beta.2", "latest", "next"])("accepts %s", (v) =>
    expect(isRefused(() => checkVersion(v))).toBe(false),
  );
  it.each([
    "",
    "^1.0.0",
    "1.x",
    "*",
    "1.0",
    ">=1",
    "1.0.0 || 2.0.0",
    "--tag",
    "Latest",
    "npm:x@1",
    "file:x",
    "1.0.0\n",
    "latest --x",
    "v1.0.0",
    "1.2.3+b",
    "a".repeat(200),
  ])("refuses %j", (v) => expect(isRefused(() => checkVersion(v))).toBe(true));
  it("are read from a specifier", () => {
    expect(parseSpecifier("@openfn/language-http@7.2.10")).toEqual({
      name: "@openfn/language-http",
      version: "7.2.10",
    });
    expect(parseSpecifier("@openfn/language-http")).toEqual({
      name: "@openfn/language-http",
      version: "latest",
    });
    expect(isRefused(() => parseSpecifier("@openfn/language-http@^7"))).toBe(true);
  });
});

it("an upgrade's diff names operations that come, go or take other parameters", () => {
  const operation = (name: string, ...params: string[]) => ({
    name,
    description: "",
    params: params.map((p) => ({ name: p, description: "" })),
    examples: [],
  });
  const before = {
    exports: ["get", "post", "del"],
    operations: [operation("get", "path"), operation("post", "path", "body"), operation("del", "path")],
  };
  const after = {
    exports: ["get", "post", "put"],
    operations: [operation("get", "path"), operation("post", "path", "options"), operation("put")],
  };
  expect(diffOperations(before, after)).toEqual({
    added: ["put"],
    removed: ["del"],
    changed: [{ name: "post", before: ["path", "body"], after: ["path", "options"] }],
  });
});
