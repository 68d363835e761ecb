import { expect, test } from "vitest";
import { containing } from "./like";

test.each([
  ["visit", "%visit%"],
  ["50%_done", "%50\\%\\_done%"],
  ["C:\\temp", "%C:\\\\temp%"],
])("%j is looked for as it is", (text, pattern) => {
  expect(containing(text)).toBe(pattern);
});
