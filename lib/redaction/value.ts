import type { Json } from "@/lib/workflow/types";
import { type Digests, valueText } from "./digests";
import { type Mark, saysNothing } from "./marks";

/** A value with what is marked in it redacted: each text by itself, below a place that is whole, too. */
export async function redactValue(value: Json, mark: Mark, digests: Digests): Promise<Json> {
  const texts: string[] = [];
  walk(value, mark, (leaf) => {
    texts.push(valueText(leaf));
    return leaf;
  });
  const made = await digests.of(texts);
  return walk(value, mark, (leaf) => made.get(valueText(leaf)) ?? "");
}

function walk(value: Json, mark: Mark | undefined, at: (leaf: Json) => Json): Json {
  if (!mark || saysNothing(value)) return value;
  const inner = (step: string | number) => (mark.isWhole ? mark : mark.inner.get(step));
  if (Array.isArray(value)) return value.map((item, i) => walk(item, inner(i), at));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, inner(key), at)]));
  return mark.isWhole ? at(value) : value;
}
