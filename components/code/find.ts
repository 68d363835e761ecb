import { type ExactJson, ExactNumber } from "@/lib/exact-json";
import { fold } from "@/lib/search/fold";
import { cutAt, marksIn } from "@/lib/search/marks";
import { literalTerm } from "@/lib/search/terms";

export type Found = { path: string; value: string };

const identifier = /^[A-Za-z_$][\w$]*$/;
const join = (path: string, key: string, isIndex: boolean) =>
  isIndex ? `${path}[${key}]` : identifier.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;

/** Places of a JSON value whose key or value contains the text, as paths from `$`, at most `limit`. */
export function findInJson(value: ExactJson, text: string, limit = 200): Found[] {
  const wanted = fold(text);
  const found: Found[] = [];
  const queue: { path: string; key: string; value: ExactJson }[] = [{ path: "$", key: "", value }];
  for (let next = queue.pop(); next && found.length < limit; next = queue.pop()) {
    const { path, key, value } = next;
    if (typeof value === "object" && value !== null && !(value instanceof ExactNumber)) {
      const isIndex = Array.isArray(value);
      if (key !== "" && fold(key).includes(wanted)) found.push({ path, value: isIndex ? "[…]" : "{…}" });
      const children = Object.entries(value).map(([name, child]) => ({
        path: join(path, name, isIndex),
        key: isIndex ? "" : name,
        value: child,
      }));
      queue.push(...children.reverse());
    } else if (fold(key).includes(wanted) || fold(String(value)).includes(wanted)) {
      if (fold(key).includes(wanted) || value !== null)
        found.push({ path, value: value instanceof ExactNumber ? value.written : JSON.stringify(value) });
    }
  }
  return found;
}

/** A text cut at each occurrence of another; odd parts are the occurrences. Case does not matter. */
export const splitAt = (text: string, wanted: string, limit = 500): string[] =>
  wanted ? cutAt(text, marksIn(text, [literalTerm(wanted)], limit)) : [text];
