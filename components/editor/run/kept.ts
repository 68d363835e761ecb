import type { TestInput } from "./input";

/** Longer texts are not kept in the browser. */
const maxKeptChars = 200_000;

export type Kept = { input: TestInput; json: string };

type Place = { userId: string; workflowId: string };

const keyOf = ({ userId, workflowId }: Place): string => `waybill.try.${userId}.${workflowId}`;

/** What was chosen before the page was loaded again, in this tab; null: nothing, or the browser keeps nothing. */
export function readKept(place: Place, storage: Pick<Storage, "getItem"> = sessionStorage): Kept | null {
  try {
    return keptOf(JSON.parse(storage.getItem(keyOf(place)) ?? "null"));
  } catch {
    return null;
  }
}

type Stored = { json?: unknown; input?: { kind?: unknown; id?: unknown; name?: unknown } };

/** Reads by hand what the page itself has stored: a library for it would be loaded with every editor. */
function keptOf(stored: Stored | null): Kept | null {
  const { json, input } = stored ?? {};
  if (typeof json !== "string" || json.length > maxKeptChars || !input) return null;
  const { kind, id, name } = input;
  if (kind === "json" || kind === "none") return { input: { kind }, json };
  if (typeof id !== "string" || !uuid.test(id)) return null;
  if (kind === "message" || kind === "step") return { input: { kind, id }, json };
  if (kind !== "dataclip" || !(name === null || typeof name === "string")) return null;
  return { input: { kind, id, name }, json };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Keeps what is chosen until the tab is closed. A text that is too long is left out. */
export function keep(
  place: Place,
  { input, json }: Kept,
  storage: Pick<Storage, "setItem"> = sessionStorage,
): void {
  const text = json.length > maxKeptChars ? "" : json;
  try {
    storage.setItem(keyOf(place), JSON.stringify({ input, json: text }));
  } catch {
    // The browser keeps nothing, or no more: what is on the page stays.
  }
}
