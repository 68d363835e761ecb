import fc from "fast-check";
import { expect, test } from "vitest";
import { everything, hiddenTexts, masked } from "./hidden-texts";

const value = fc
  .string({ minLength: 4, maxLength: 120, unit: "grapheme" })
  .filter((text) => text.trim().length >= 4);
const around = fc.string({ maxLength: 60 });

test("a text is hidden wherever it stands, in every spelling that logs, URLs and pages give it", () => {
  fc.assert(
    fc.property(value, around, around, (hidden, before, after) => {
      const texts = hiddenTexts([hidden]);
      const trimmed = hidden.trim();
      for (const form of [
        trimmed,
        trimmed.replace(/[a-z]/g, (char) => char.toUpperCase()),
        JSON.stringify(trimmed).slice(1, -1),
        encodeURIComponent(trimmed.toWellFormed()),
      ])
        expect(texts.text(`${before}${form}${after}`)).not.toContain(form);
    }),
  );
});

test("what is not hidden stays as it is", () => {
  const texts = hiddenTexts(["Amina Diallo", "P-1001"]);
  expect(texts.text("Patient AMINA  DIALLO of P-1001 in Kindia")).toBe(
    "Patient AMINA  DIALLO of ••• in Kindia",
  );
  expect(texts.text("Patient amina diallo; Amina%20Diallo; Amina+Diallo")).toBe("Patient •••; •••; •••");
  expect(texts.text("nothing of it")).toBe("nothing of it");
  expect(hiddenTexts([]).text("Amina Diallo")).toBe("Amina Diallo");
});

test.each([
  ["of several lines each line", "Route de Donka\nConakry", "to Conakry", `to ${masked}`],
  ["what base64 makes of it", "Amina Diallo", `Basic ${btoa("user:Amina Diallo")}`, "Amina"],
  ["what HTML makes of it", "O'Brien & Sons", "<b>O&#39;Brien &amp; Sons</b>", `<b>${masked}</b>`],
  ["what is cut with a sign that says so", "Amina Diallo", "Hello Amina D…", `Hello ${masked}…`],
])("hides %s", (_, hidden, text, shown) => {
  const result = hiddenTexts([hidden]).text(text);
  if (shown === "Amina") expect(Buffer.from(result.slice(6), "base64").toString()).not.toContain(shown);
  else expect(result).toBe(shown);
});

test("hides the beginning of what a long text was cut within", () => {
  const cut = `${"x".repeat(990)} Amina Dia`;
  expect(hiddenTexts(["Amina Diallo"]).text(cut)).toBe(`${"x".repeat(990)} ${masked}`);
});

test("a short text, and a word of JSON, is hidden only where a path leads", () => {
  const texts = hiddenTexts(["42", "true", "abc"]);
  expect(texts.text("42 of abc is true")).toBe("42 of abc is true");
  expect(texts.has("42")).toBe(true);
  expect(texts.has("43")).toBe(false);
});

test("more than can be looked for hides everything", () => {
  const many = Array.from({ length: 5_001 }, (_, n) => `value ${n}`);
  expect(hiddenTexts(many)).toBe(everything);
  expect(hiddenTexts(["x".repeat(4), "y".repeat(600_000)])).not.toBe(everything); // pieces of one letter are one
  expect(everything.text("a line")).toBe(masked);
  expect(everything.text("")).toBe("");
});

test("what it costs grows with the text, whatever the values have in common", () => {
  const texts = hiddenTexts(Array.from({ length: 5_000 }, (_, n) => `2024-${String(n).padStart(6, "0")}`));
  let lookups = 0;
  const { patterns } = texts as unknown as { patterns: Set<string> };
  const has = patterns.has.bind(patterns);
  patterns.has = (one: string) => {
    lookups++;
    return has(one);
  };
  texts.text("2024-x ".repeat(10_000));
  expect(lookups).toBeLessThan(10_000 * 10);
});
