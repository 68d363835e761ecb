import type { Json } from "@/lib/workflow/types";

export type Found = { path: string; value: string };

const identifier = /^[A-Za-z_$][\w$]*$/;
const join = (path: string, key: string, isIndex: boolean) =>
  isIndex ? `${path}[${key}]` : identifier.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;

/** Places of a JSON value whose key or value contains the text, as paths from `$`, at most `limit`. */
export function findInJson(value: Json, text: string, limit = 200): Found[] {
  const wanted = text.toLowerCase();
  const found: Found[] = [];
  const queue: { path: string; key: string; value: Json }[] = [{ path: "$", key: "", value }];
  for (let next = queue.pop(); next && found.length < limit; next = queue.pop()) {
    const { path, key, value } = next;
    if (typeof value === "object" && value !== null) {
      const isIndex = Array.isArray(value);
      if (key !== "" && key.toLowerCase().includes(wanted))
        found.push({ path, value: isIndex ? "[…]" : "{…}" });
      const children = Object.entries(value).map(([name, child]) => ({
        path: join(path, name, isIndex),
        key: isIndex ? "" : name,
        value: child,
      }));
      queue.push(...children.reverse());
    } else if (key.toLowerCase().includes(wanted) || String(value).toLowerCase().includes(wanted)) {
      if (key.toLowerCase().includes(wanted) || value !== null)
        found.push({ path, value: JSON.stringify(value) });
    }
  }
  return found;
}

/** A text cut at each occurrence of another; odd parts are the occurrences. Case does not matter. */
export function splitAt(text: string, wanted: string, limit = 500): string[] {
  if (!wanted) return [text];
  const parts: string[] = [];
  const haystack = text.toLowerCase();
  const needle = wanted.toLowerCase();
  let from = 0;
  for (
    let at = haystack.indexOf(needle);
    at !== -1 && parts.length < limit * 2;
    at = haystack.indexOf(needle, from)
  ) {
    parts.push(text.slice(from, at), text.slice(at, at + needle.length));
    from = at + needle.length;
  }
  parts.push(text.slice(from));
  return parts;
}
