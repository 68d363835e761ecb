import { expect, it } from "vitest";
import { lockedIntegrity, strangerIn } from "./lock";

const lock = (packages: Record<string, unknown>) => JSON.stringify({ lockfileVersion: 3, packages });

it("a lock whose packages all come from the registry has no stranger", () => {
  const dependencies = { a: "^1.0.0", b: "1.x || >=2", c: "latest", d: "npm:other@1.0.0", e: "*", f: "" };
  expect(
    strangerIn(lock({ "": { dependencies }, "node_modules/a": { integrity: "sha512-x", dependencies } })),
  ).toBeNull();
});

it.each([
  "https://x.org/a.tgz",
  "git+ssh://git@x/y",
  "github:x/y",
  "x/y",
  "file:../x",
  "link:/x",
  "git://x/y",
])("a dependency on %s is a stranger", (wanted) => {
  expect(strangerIn(lock({ "node_modules/a": { dependencies: { evil: wanted } } }))).toBe("evil");
  expect(strangerIn(lock({ "node_modules/a": { optionalDependencies: { evil: wanted } } }))).toBe("evil");
});

it("a linked folder is a stranger, and integrity is read by name", () => {
  expect(strangerIn(lock({ "node_modules/evil": { link: true } }))).toBe("node_modules/evil");
  expect(lockedIntegrity(lock({ "node_modules/a": { integrity: "sha512-x" } }), "a")).toBe("sha512-x");
  expect(lockedIntegrity(lock({}), "a")).toBeNull();
  expect(lockedIntegrity(null, "a")).toBeNull();
});
