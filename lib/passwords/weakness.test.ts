import { describe, expect, it } from "vitest";
import { passwordWeakness } from "./weakness";

const ada = { email: "ada.lovelace@analytical-engine.org", name: "Ada King" };
const weaknessOf = (password: string) => passwordWeakness(password, ada);

describe("passwordWeakness", () => {
  it.each([
    // lists
    ["password12", /lists/],
    ["Password123!", /lists/],
    ["p@ssw0rd12", /lists/],
    ["P@$$w0rd2024", /lists/],
    ["passwordpassword", /lists/],
    ["letmein12345", /lists/],
    ["!!iloveyou!!", /lists/],
    ["1q2w3e4r5t6y", /lists/],
    ["monkey-12345", /lists/],
    ["football2024", /lists/],
    ["ｐａｓｓｗｏｒｄ１２", /lists/],
    // repetition and counting
    ["1111111111", /repeats/],
    ["aaaaaaaaaaaaaaaaaaaa", /repeats/],
    ["ababababab", /repeats/],
    ["abc123abc123abc123", /repeats|lists/],
    ["xyzxyzxyzxyzx", /repeats/],
    ["1234567890", /repeats/],
    ["9876543210", /repeats/],
    ["abcdefghijkl", /repeats/],
    ["qwertyuiop", /repeats/],
    ["poiuytrewq", /repeats/],
    ["qwertz123456", /repeats|lists/],
    ["abcdef123456", /repeats/],
    ["          a", /repeats/],
    ["😀😀😀😀😀", /repeats/],
    // oneself, and us
    ["adalovelace", /your name/],
    ["AdaLovelace1", /your name/],
    ["ada-king-1815", /your name/],
    ["analytical1", /your name/],
    ["waybill2026", /your name/],
    ["waybill-waybill", /your name/],
    ["WayBill!!!12", /your name/],
  ])("refuses %s, and says what to do", async (password, why) => {
    const sentence = await weaknessOf(password);
    expect(sentence).toMatch(why);
    expect(sentence).toMatch(/Choose another one/);
  });

  it.each([
    "correct horse battery",
    "a new password",
    "another password",
    "long enough pw",
    "ten wet cats",
    "Ada likes rain in May",
    "waybill-horse-battery",
    "kX9#vQ2!mL",
    "f3a9c1e07b",
    "Lufthansa über den Wolken",
    "пароль из нескольких слов",
    "パスワードは長いほうがよい",
    "constructor prototype",
    "\n\n\nnewline\ninside\n",
  ])("takes %s", async (password) => expect(await weaknessOf(password)).toBeUndefined());

  it("takes the longest one that is allowed without delay, whatever it is made of", async () => {
    for (const piece of ["a", "ab", "abcde", "password", "\n", ".*", "é"])
      await weaknessOf(piece.repeat(200).slice(0, 200));
    expect(await weaknessOf(`${"ab1-".repeat(49)}zz`)).toMatch(/repeats/);
  });
});
