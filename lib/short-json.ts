import { type ExactJson, ExactNumber } from "@/lib/exact-json";

/** JSON text of a value in exact decimals, cut after so many characters; what is cut off is not written first. */
export function shortJson(value: ExactJson, maxChars: number): string {
  return shortText(written(value, maxChars), maxChars);
}

/** A text cut after so many characters, none of them halved. */
export const shortText = (text: string, maxChars: number): string =>
  text.length <= maxChars ? text : `${text.slice(0, maxChars).replace(/[\ud800-\udbff]$/, "")}…`;

/** Stops soon after so many characters, and so needs no more levels of the stack. */
function written(value: ExactJson, maxChars: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, maxChars + 1));
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return String(value);
  const isList = Array.isArray(value);
  let out = isList ? "[" : "{";
  for (const [key, one] of isList ? value.entries() : Object.entries(value)) {
    if (out.length > maxChars) break;
    if (out.length > 1) out += ",";
    if (!isList) out += `${JSON.stringify(shortText(String(key), maxChars))}:`;
    out += written(one, Math.max(0, maxChars - out.length));
  }
  return out + (isList ? "]" : "}");
}
