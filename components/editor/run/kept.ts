import { z } from "zod";
import type { TestInput } from "./input";

/** Longer texts are not kept in the browser. */
const maxKeptChars = 200_000;

const kept = z.object({
  input: z.discriminatedUnion("kind", [
    z.object({ kind: z.enum(["message", "step"]), id: z.uuid() }),
    z.object({ kind: z.literal("dataclip"), id: z.uuid(), name: z.string().nullable() }),
    z.object({ kind: z.literal("json") }),
    z.object({ kind: z.literal("none") }),
  ]),
  json: z.string().max(maxKeptChars),
});
export type Kept = { input: TestInput; json: string };

type Place = { userId: string; workflowId: string };

const keyOf = ({ userId, workflowId }: Place): string => `waybill.try.${userId}.${workflowId}`;

/** What was chosen before the page was loaded again, in this tab; null: nothing, or the browser keeps nothing. */
export function readKept(place: Place, storage: Pick<Storage, "getItem"> = sessionStorage): Kept | null {
  try {
    return kept.safeParse(JSON.parse(storage.getItem(keyOf(place)) ?? "null")).data ?? null;
  } catch {
    return null;
  }
}

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
