import { limits } from "@/lib/limits";

/** Pure: forms use it too. */
export const projectNamePattern = /^[a-z0-9-]+$/;
export const maxProjectNameLength = limits.projectName;

/** The nearest name that is allowed: "Kobo → Sheets (2026)" gives "kobo-sheets-2026". May be empty. */
export const suggestProjectName = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, maxProjectNameLength)
    .replace(/^-+|-+$/g, "");

/** What is wrong with a name, as a sentence with the way out, or undefined. */
export function projectNameProblem(name: string): string | undefined {
  if (name.length > maxProjectNameLength) return `Use at most ${maxProjectNameLength} characters.`;
  if (projectNamePattern.test(name)) return undefined;
  if (name.trim() === "") return "Enter a name, such as patient-referrals.";
  const suggestion = suggestProjectName(name);
  const rule = "Use lower-case letters, digits and hyphens only.";
  return suggestion ? `${rule} How about ${suggestion}?` : rule;
}
