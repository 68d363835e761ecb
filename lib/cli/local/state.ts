import { type ExactJson, parseExact, stringifyExact } from "@/lib/exact-json";

/** A state as a step begins with it: the JSON text without `configuration`, which is handed over apart. */
export type GivenState = { input: string; configuration: Record<string, unknown> | null };

/** What a job without an input begins with. */
export const emptyState = '{"data":{}}';

/**
 * Reads the text of a state. Its `configuration`, as OpenFn's states have it, takes the place of a credential. No number
 * loses a digit. Throws an `Error` whose message says what is wrong.
 */
export function readState(text: string): GivenState {
  const state = parseExact(text.replace(/^\ufeff/, ""));
  if (!isMap(state)) throw new Error('A state is a JSON object, such as {"data": {}}.');
  const { configuration = null, ...rest } = state;
  if (configuration === null) return { input: stringifyExact(rest), configuration: null };
  if (!isMap(configuration)) throw new Error("The configuration of a state is a JSON object.");
  return { input: stringifyExact(rest), configuration: plain(configuration) };
}

/** Reads what a credential would hold. Throws an `Error` whose message says what is wrong. */
export function readConfiguration(text: string): Record<string, unknown> {
  const value = parseExact(text.replace(/^\ufeff/, ""));
  if (!isMap(value)) throw new Error('A configuration is a JSON object, such as {"baseUrl": "https://…"}.');
  return plain(value);
}

/** A credential's numbers are JavaScript's, as in the product. */
const plain = (value: Record<string, ExactJson>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value));

const isMap = (value: ExactJson): value is { [key: string]: ExactJson } =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype;

/** A state for people and files: two spaces, a line break at its end, keys in their order. */
export const prettyState = (text: string): string => `${stringifyExact(parseExact(text), 2)}\n`;
