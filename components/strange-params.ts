import type { SearchParams } from "nuqs/server";
import type { z } from "zod";
import { nearest } from "@/lib/settings/nearest.mjs";

/** What parses a page's search parameters; null is what it does not know. */
type Parsers = Record<string, { parse(value: string): unknown }>;

export type StrangeParam = { key: string; sentence: string };

/** Next's own, when it asks for a page's data. */
const isInternal = (key: string) => key === "_rsc";

/**
 * Returns which of a page's search parameters it would not obey, and why: a list that leaves a misspelt filter out shows
 * everything and seems to show what was asked for. `filter` is what the verb takes.
 */
export function strangeParams(given: SearchParams, parsers: Parsers, filter?: z.ZodObject): StrangeParam[] {
  return Object.entries(given).flatMap(([key, value]) => {
    if (isInternal(key) || value === undefined || value === "") return [];
    const sentence = whatIsStrange(key, value, parsers, filter);
    return sentence ? [{ key, sentence }] : [];
  });
}

function whatIsStrange(
  key: string,
  value: string | string[],
  parsers: Parsers,
  filter?: z.ZodObject,
): string | null {
  const parser = Object.hasOwn(parsers, key) ? parsers[key] : undefined;
  if (!parser) {
    const meant = nearest(key, Object.keys(parsers));
    return `This page knows no "${key}".${meant ? ` Did you mean "${meant}"?` : ""}`;
  }
  if (Array.isArray(value)) return `"${key}" stands there more than once.`;
  const issue = filter?.shape[key]?.safeParse?.(value).error?.issues[0];
  if (!issue && parser.parse(value) !== null) return null;
  const values = issue?.code === "invalid_value" ? issue.values.map(String) : [];
  const meant = nearest(value, values);
  return `"${key}" cannot be "${value.slice(0, 100)}".${meant ? ` Did you mean "${meant}"?` : ""}`;
}

/** The address without what is strange in it. */
export function cleanHref(path: string, given: SearchParams, strange: readonly StrangeParam[]): string {
  const kept = Object.entries(given).flatMap(([key, value]) =>
    typeof value !== "string" || isInternal(key) || strange.some((one) => one.key === key)
      ? []
      : [[key, value]],
  );
  const query = new URLSearchParams(kept).toString();
  return query ? `${path}?${query}` : path;
}
