import { expect, test } from "vitest";
import { containing, startingWith } from "./like";

test.each([
  ["visit", "%visit%"],
  ["50%_done", "%50\\%\\_done%"],
  ["C:\\temp", "%C:\\\\temp%"],
])("%j is looked for as it is", (text, pattern) => {
  expect(containing(text)).toBe(pattern);
});

test("a beginning is looked for as it is; what PostgreSQL cannot hold is found by what stands for it", () => {
  expect(startingWith("0_1%")).toBe("0\\_1\\%%");
  expect(containing("a\u0000b")).toBe("%a\ufffdb%");
});
