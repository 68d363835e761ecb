import { describe, expect, it } from "vitest";
import { projectNameProblem, suggestProjectName } from "./name";

describe("project names", () => {
  it.each([
    ["Kobo → Sheets (2026)", "kobo-sheets-2026"],
    ["Référence Santé", "reference-sante"],
    ["--a--b--", "a-b"],
    ["日本", ""],
    ["x".repeat(150), "x".repeat(100)],
  ])("suggests for %j", (text, suggestion) => {
    expect(suggestProjectName(text)).toBe(suggestion);
  });

  it("says what is wrong and what would be right", () => {
    expect(projectNameProblem("openhie-project")).toBeUndefined();
    expect(projectNameProblem("OpenHIE project")).toMatch(/openhie-project/);
    expect(projectNameProblem("")).toMatch(/Enter a name/);
    expect(projectNameProblem("日本")).toMatch(/letters, digits and hyphens/);
    expect(projectNameProblem("x".repeat(101))).toMatch(/100/);
  });
});
