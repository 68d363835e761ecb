import { expect, it } from "vitest";
import { signInProblem } from "./problem";

it("says nothing where nothing is wrong", () => {
  expect(signInProblem(undefined)).toBeUndefined();
  expect(signInProblem("")).toBeUndefined();
});

it("passes limits on, explains known codes, and shows no other text of an address", () => {
  const limit = "Refusal: Too many attempts. Try again in 12 minutes.";
  expect(signInProblem(limit)).toBe("Too many attempts. Try again in 12 minutes.");
  expect(signInProblem("CredentialsSignin")).toMatch(/not right/);
  expect(signInProblem("Call +1 555 0100 to unlock your account")).toMatch(
    /Try again, or choose another way/,
  );
});
