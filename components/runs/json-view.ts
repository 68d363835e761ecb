import { type ExactJson, parseExact } from "@/lib/exact-json";

/** More JSON than this is shown as text: building the tree would hold up the page. */
const treeLimit = 3_000_000;

/** A text as JSON, for showing it as a tree; undefined when it is none, or too much of it. */
export function parseJson(text: string | undefined): ExactJson | undefined {
  if (text === undefined || text.length > treeLimit) return undefined;
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
