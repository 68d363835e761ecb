import { z } from "zod";
import { collect, decodeUtf8 } from "@/lib/bytes";
import { invalid, Refusal } from "@/lib/refusal";
import { isStorable } from "@/lib/text";
import type { Parsed, Shape } from "./declaration";
import { nearest } from "./nearest";

const maxJsonBytes = 2_000_000;
/** Deeper data would end the recursion of whatever reads it. */
const maxJsonLevels = 200;

const nothing = z.strictObject({});

/** The query as its schema says. Throws `invalid` for keys that are unknown, repeated, or hold what no text may. */
export function readQuery<Q extends Shape>(schema: Q | undefined, search: URLSearchParams): Parsed<Q> {
  for (const [key, value] of search) {
    if (search.getAll(key).length > 1)
      throw refusedKey(key, `The key "${key}" is repeated in the query. Send it once.`);
    if (!isStorable([key, value])) throw refusedKey(key, `The query holds a NUL character. Remove it.`);
  }
  const query = (schema ?? nothing).parse(Object.fromEntries(search), { error: unknownKeys("query") });
  return query as Parsed<Q>;
}

/** The JSON body as its schema says; none is `{}`. Throws `invalid`, also for a body where none is expected. */
export async function readBody<B extends Shape>(schema: B | undefined, request: Request): Promise<Parsed<B>> {
  const text = await readText(request);
  const body = (schema ?? nothing).parse(parseJson(text), { error: unknownKeys("body") });
  return body as Parsed<B>;
}

async function readText(request: Request): Promise<string> {
  const bytes = request.body ? await collect(request.body, maxJsonBytes) : new Uint8Array();
  if (!bytes) throw new Refusal("invalid", `The request body is larger than ${maxJsonBytes} bytes.`);
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new Refusal("invalid", "The request body is not valid JSON.");
  return text || "{}";
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal("invalid", "The request body is not valid JSON.");
  }
  if (isDeeperThan(maxJsonLevels, value))
    throw new Refusal("invalid", `The request body is nested more than ${maxJsonLevels} levels deep.`);
  return value;
}

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((one) => isDeeperThan(levels - 1, one)));

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
