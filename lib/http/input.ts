import { z } from "zod";
import { collect, decodeUtf8 } from "@/lib/bytes";
import { parseExact, plainNumbers } from "@/lib/exact-json";
import { jsonShape } from "@/lib/json-shape";
import { type LimitName, limits, tooMuchOf } from "@/lib/limits";
import { invalid, Refusal } from "@/lib/refusal";
import { nearest } from "@/lib/settings/nearest.mjs";
import { isStorable } from "@/lib/text";
import type { Parsed, Shape } from "./declaration";

/** Where a body that is exact keeps numbers as they are written; elsewhere they are JavaScript's. */
const exactKeys = new Set(["inclusion", "exclusion", "json"]);

const nothing = z.strictObject({});

/**
 * The query as its schema says; a key that ends in `[]` is a list of all its values. Throws `invalid` for keys that are
 * unknown, repeated, or hold what no text may.
 */
export function readQuery<Q extends Shape>(schema: Q | undefined, search: URLSearchParams): Parsed<Q> {
  for (const [key, value] of search) {
    if (!isList(key) && search.getAll(key).length > 1)
      throw refusedKey(key, `The key "${key}" is repeated in the query. Send it once.`);
    if (!isStorable([key, value])) throw refusedKey(key, `The query holds a NUL character. Remove it.`);
  }
  const values = [...search].map(([key, value]) => [key, isList(key) ? search.getAll(key) : value]);
  const query = (schema ?? nothing).parse(Object.fromEntries(values), { error: unknownKeys("query") });
  return query as Parsed<Q>;
}

const isList = (key: string): boolean => key.endsWith("[]");

/** The JSON body as its schema says; none is `{}`. Throws `invalid`, also for a body where none is expected. */
export async function readBody<B extends Shape>(
  schema: B | undefined,
  request: Request,
  size: LimitName = "requestBytes",
  isExact = false,
): Promise<Parsed<B>> {
  return parseBody(schema, await readJson(request, size, isExact));
}

/** What the body says, whatever that is; none is `{}`. */
export async function readJson(request: Request, size: LimitName, isExact = false): Promise<unknown> {
  return parseJson(await readText(request, size), isExact);
}

export const parseBody = <B extends Shape>(schema: B | undefined, said: unknown): Parsed<B> =>
  (schema ?? nothing).parse(said, { error: unknownKeys("body") }) as Parsed<B>;

async function readText(request: Request, size: LimitName): Promise<string> {
  const bytes = request.body ? await collect(request.body, limits[size]) : new Uint8Array();
  if (!bytes) {
    const said = Number(request.headers.get("content-length"));
    throw tooMuchOf(size, said > limits[size] ? said : null, "The request body");
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new Refusal("invalid", "The request body is not valid JSON.");
  return text || "{}";
}

/** Deep data would end the recursion of whatever reads it, and many small values cost more than their bytes. */
function parseJson(text: string, isExact: boolean): unknown {
  const { requestLevels, requestValues } = limits;
  const { levels, values } = jsonShape(text, { levels: requestLevels, values: requestValues });
  if (levels > requestLevels)
    throw invalid(`The request body is nested more than ${requestLevels} levels deep.`);
  if (values > requestValues) throw tooMuchOf("requestValues", null, "The request body");
  try {
    return isExact ? plainNumbers(parseExact(text), exactKeys) : JSON.parse(text);
  } catch {
    throw new Refusal("invalid", "The request body is not valid JSON.");
  }
}

const refusedKey = (key: string, sentence: string): Refusal => invalid(sentence, { [key]: [sentence] });

/** Words for keys that a closed object does not know; zod says everything else. */
const unknownKeys =
  (place: "query" | "body"): z.core.$ZodErrorMap =>
  (issue) => {
    if (issue.code !== "unrecognized_keys") return undefined;
    const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
    const within = issue.path?.length ? `${issue.path.join(".")} of the ${place}` : `the ${place}`;
    return issue.keys.map((key) => unknownKey(key, within, known)).join(" ");
  };

function unknownKey(key: string, within: string, known: string[]): string {
  const sentence = `Unknown key "${key}" in ${within}.`;
  const meant = nearest(key, known);
  if (meant) return `${sentence} Did you mean "${meant}"?`;
  if (known.length === 0) return `${sentence} Nothing is expected there.`;
  return known.length > 12 ? sentence : `${sentence} Known: ${known.join(", ")}.`;
}
