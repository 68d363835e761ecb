import { closingQuote, decoded, isKeyBefore } from "./json-text";

/**
 * V8 12.8 and later (Node 24, Deno, Chrome: nodejs/node#63785) takes a key that is written with an escape for another one that
 * an object of the same shape had before, when that begins as the escape is written: behind `{"h":1,"\\":2}` it reads
 * `{"h":1,"\"":2}` as the former. Whoever sends the first would decide what another's message says.
 */

/** Makes objects and lists: those of a realm. */
export type Makers = { object(): object; list(): unknown[] };

const own: Makers = { object: () => ({}), list: () => [] };

type Parse = (text: string) => unknown;

/** Whether an engine's `JSON.parse` takes one key for another. */
export function misreadsKeys(parse: Parse): boolean {
  parse('{"waybill":1,"\\\\":2}');
  return !Object.hasOwn(parse('{"waybill":1,"\\"":2}') as object, '"');
}

/** Whether a key of JSON text is written with an escape: a text in which one is, is a key when a colon follows. */
export function hasEscapedKey(text: string): boolean {
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at)) {
    at = closingQuote(text, at - 1) + 1;
    if (isKeyBefore(text, at)) return true;
  }
  return false;
}

const word = /[^\s,:[\]{}"]+/y;
const gap = /[\s,:]*/y;

/**
 * What `JSON.parse` is to make of text that it takes for valid, whatever was parsed before: properties are set one by one. As deep as
 * the text is.
 */
export function buildJson(text: string, make: Makers = own): unknown {
  const around: { holder: object; key: string }[] = [];
  let holder: object | undefined;
  let key = "";
  for (let at = 0; at < text.length; ) {
    gap.lastIndex = at;
    gap.test(text);
    at = gap.lastIndex;
    const first = text[at];
    let value: unknown;
    if (first === "{" || first === "[") {
      if (holder) around.push({ holder, key });
      holder = first === "{" ? make.object() : make.list();
      at += 1;
      continue;
    }
    if (first === "}" || first === "]") {
      at += 1;
      value = holder;
      const outer = around.pop();
      holder = outer?.holder;
      key = outer?.key ?? "";
    } else if (first === '"') {
      const end = closingQuote(text, at) + 1;
      const string = decoded(text.slice(at, end));
      at = end;
      if (isKeyBefore(text, end)) {
        key = string;
        continue;
      }
      value = string;
    } else {
      word.lastIndex = at;
      const [written = ""] = word.exec(text) ?? [];
      at += written.length;
      value = words.has(written) ? words.get(written) : Number(written);
    }
    if (!holder) return value;
    if (Array.isArray(holder)) holder.push(value);
    else put(holder, key, value);
  }
  throw new SyntaxError("The text ends too soon.");
}

const words = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function put(holder: object, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(holder, key, { value, configurable: true, enumerable: true, writable: true });
  else Reflect.set(holder, key, value);
}

/**
 * `parse`, the `JSON.parse` of an engine that misreads keys, without that. What it refuses is refused in its words. A text whose keys are
 * written without escapes, as nearly all are, is its own work, and so is one that comes with a reviver.
 */
export function withRightKeys(parse: typeof JSON.parse, makers = (): Makers => own): typeof JSON.parse {
  return (text, reviver) => {
    const written = String(text);
    const value = parse(written, reviver);
    return reviver || !hasEscapedKey(written) ? value : buildJson(written, makers());
  };
}

/** Has everything in this process that parses JSON, drivers included, read keys as they are written. */
export function mendJsonParse(): void {
  if (misreadsKeys(JSON.parse)) JSON.parse = withRightKeys(JSON.parse);
}
