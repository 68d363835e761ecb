import { opensMore } from "@/lib/json-text";
import { limits } from "@/lib/limits";
import type { Json } from "@/lib/workflow/types";

/** Whether a text begins as a JSON object or list does. */
export const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

/** The value of a JSON text; undefined when it is none, or nested more deeply than readers can follow. */
export function parseJson(text: string): { value: Json } | undefined {
  if (deeperThan(text, limits.messageLevels)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Counts brackets outside strings: cheap, and enough to keep hostile nesting away from every recursive reader. */
function deeperThan(text: string, limit: number): boolean {
  if (!opensMore(text, limit)) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 92) i++;
      else if (c === 34) inString = false;
    } else if (c === 34) inString = true;
    else if (c === 91 || c === 123) {
      if (++depth > limit) return true;
    } else if (c === 93 || c === 125) depth--;
  }
  return false;
}
