/** What PostgreSQL cannot hold in text and jsonb: NUL, and halves of surrogate pairs. */
const unstorable = /\0|[\ud800-\udfff]/u;

/** Text that every store and page takes: each character that PostgreSQL cannot hold becomes U+FFFD. */
export const withoutNul = (text: string): string => text.replaceAll("\u0000", "\ufffd").toWellFormed();

/** Says whether a text, or every text and key in some JSON data, can be stored as it is. */
export function isStorable(value: unknown): boolean {
  if (typeof value === "string") return !unstorable.test(value);
  if (value === null || typeof value !== "object") return true;
  return Object.entries(value).every(([key, one]) => isStorable(key) && isStorable(one));
}

/** Text as one line of at most `maxChars` characters: white space and control characters become one space. */
export function singleLine(text: string, maxChars: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return line.length > maxChars ? `${line.slice(0, maxChars - 1).toWellFormed()}…` : line;
}
