import { type Place, parseJsonPath, valueAt } from "@/lib/json-path";
import { saysNothing } from "./marks";
import { readingHeaders } from "./reading-headers";
import type { Bare } from "./redact";

/** How many places of one path are told. */
const maxTold = 5;

/** Where each path leads in a message: how many values there are, and the places of the first. */
export function placesInMessage(
  paths: readonly string[],
  { method, path, query, headers, read }: Omit<Bare, "bytes" | "said" | "parameters">,
): { path: string; count: number; places: string[] }[] {
  const shown = Object.entries(headers).filter(([name]) => !readingHeaders.includes(name));
  const data: unknown = method === "GET" && read.format === "empty" ? query : JSON.parse(read.matchable);
  const state = { data, request: { path, query_params: query, headers: Object.fromEntries(shown) } };
  return paths.map((text) => {
    const places = parseJsonPath(text)
      .places(state)
      .filter((place) => !saysNothing(valueAt(state, place)));
    return { path: text, count: places.length, places: places.slice(0, maxTold).map(written) };
  });
}

const written = (place: Place): string =>
  `$${place.map((step) => (typeof step === "string" && /^[A-Za-z_][\w]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`)).join("")}`;
