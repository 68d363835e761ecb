/** What Postgres refuses in text and jsonb: NUL and halves of surrogate pairs. */
const unstorable = /\0|[\ud800-\udfff]/u;

/** Says whether a text, or every text in some JSON data, can be stored. */
export function isStorable(value: unknown): boolean {
  if (typeof value === "string") return !unstorable.test(value);
  if (value === null || typeof value !== "object") return true;
  return Object.entries(value).every(([key, one]) => isStorable(key) && isStorable(one));
}
