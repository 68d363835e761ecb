import { withoutNul } from "./text";

// Postgres stores neither U+0000 nor half a surrogate pair in jsonb; people's error messages hold both.
const suspicious = /\\u(0000|d[89a-f])/i;

/** JSON text that jsonb accepts: characters it cannot hold become U+FFFD. */
export function sqlJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  if (!suspicious.test(text)) return text;
  return JSON.stringify(value, (_key, v: unknown) => {
    if (typeof v === "string") return withoutNul(v);
    if (v === null || typeof v !== "object" || Array.isArray(v)) return v;
    return Object.fromEntries(Object.entries(v).map(([k, member]) => [withoutNul(k), member]));
  });
}
