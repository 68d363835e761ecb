import { expect, test } from "vitest";
import { compareVersions, isExactVersion, newestRelease, newestVersion } from "./versions";

test("an exact version is one version, and nothing that npm would read as more", () => {
  for (const text of ["7.2.10", "0.0.0", "1.0.0-beta.2", "1.0.0-alpha"])
    expect(isExactVersion(text), text).toBe(true);
  for (const text of [
    "",
    "1",
    "1.2",
    "v1.2.3",
    "=1.2.3",
    " 1.2.3",
    "1.2.3\n",
    "1.2.3+b",
    "^1.2.3",
    "1.x",
    "latest",
  ])
    expect(isExactVersion(text), text).toBe(false);
  for (const text of ["01.2.3", "1.2.3-01", "1.2.3-", "1.2.3-a..b", `1.2.${"9".repeat(17)}`])
    expect(isExactVersion(text), text).toBe(false);
});

test("versions are ordered as semver does", () => {
  const sorted = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.2.9",
    "1.2.10",
    "1.10.0",
    "10.0.0",
  ];
  expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
});

test("what is no version is sorted, never thrown", () => {
  expect(["2.0.0", "next", "1.0.0", "local", "1.0.0-rc.1", "next"].sort(compareVersions)).toEqual([
    "local",
    "next",
    "next",
    "1.0.0-rc.1",
    "1.0.0",
    "2.0.0",
  ]);
});

test("the newest version is a release as long as there is one", () => {
  expect(newestVersion(["1.0.0", "2.0.0-rc.1", "1.9.0"])).toBe("1.9.0");
  expect(newestVersion(["2.0.0-rc.1", "2.0.0-rc.10", "2.0.0-rc.9"])).toBe("2.0.0-rc.10");
  expect(newestVersion(["2.0.0-rc.1"])).toBe("2.0.0-rc.1");
  expect(newestVersion([])).toBeUndefined();
  expect(newestRelease(["2.0.0-rc.1", "local"])).toBeUndefined();
});

test("a range admits only its own", () => {
  const versions = ["2.9.0", "3.0.0", "3.10.1", "3.9.9", "3.11.0-rc.1", "4.0.0"];
  expect(newestRelease(versions, "3.x")).toBe("3.10.1");
  expect(newestRelease(versions, "5.x")).toBeUndefined();
});
