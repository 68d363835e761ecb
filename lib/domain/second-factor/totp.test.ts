import { expect, test } from "vitest";
import { digitsAt, newSecret, stepOf, uriOf } from "./totp";

/** RFC 6238's secret of ASCII digits, in base32; its codes' last six digits. */
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

test.each([
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
])("at second %i of RFC 6238 the code is %s", (second, digits) => {
  expect(digitsAt(secret, second * 1000)).toBe(digits);
  expect(stepOf(secret, digits, second * 1000)).toBe(Math.floor(second / 30));
});

test("a code is right one step early and late, and not two", () => {
  const now = 1_111_111_109_000;
  const step = Math.floor(now / 30_000);
  for (const [delta, found] of [
    [-2, null],
    [-1, step - 1],
    [0, step],
    [1, step + 1],
    [2, null],
  ] as const)
    expect(stepOf(secret, digitsAt(secret, now + delta * 30_000), now)).toBe(found);
  for (const wrong of ["", "12345", "1234567", "abcdef"]) expect(stepOf(secret, wrong, now)).toBeNull();
});

test("a secret has 160 bits, and its address says whose it is", () => {
  const [one, other] = [newSecret(), newSecret()];
  expect(one).toMatch(/^[A-Z2-7]{32}$/);
  expect(one).not.toBe(other);
  const uri = new URL(uriOf(one, "ada+1@example.org"));
  expect(decodeURIComponent(uri.pathname)).toContain("Waybill:ada+1@example.org");
  expect(uri.searchParams.get("secret")).toBe(one);
});
