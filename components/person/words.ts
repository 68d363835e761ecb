import type { PersonRequest } from "@/lib/domain/person/schemas";
import type { PersonState } from "@/lib/words";

/** What a search's state is called, and the colour that it has. */
export const stateWords: Record<PersonState, string> = {
  scanning: "Looking",
  found: "Found",
  wiping: "Wiping",
  verifying: "Looking again",
  wiped: "Wiped",
  cancelled: "Ended",
  expired: "Ended",
  failed: "Failed",
};

export const stateColours = {
  scanning: "running",
  found: "success",
  wiping: "running",
  verifying: "running",
  wiped: "success",
  cancelled: "cancelled",
  expired: "cancelled",
  failed: "failed",
} as const satisfies Record<PersonState, string>;

export const isUnderWay = ({ state }: PersonRequest): boolean =>
  state === "scanning" || state === "wiping" || state === "verifying";

/** What a search is for, as far as that is still known. */
export const titleOf = ({ keys, keyCount }: PersonRequest): string =>
  keys ? keys.join(", ") : keyCount === 1 ? "A key that is not kept" : `${keyCount} keys that are not kept`;

/** What a search does, or came to, in a sentence. */
export function sayState({ state, place, waiting, wiped, problem }: PersonRequest): string {
  if (problem) return problem;
  if (state === "scanning") return `Looking through ${place ?? "everything"}. You may leave this page.`;
  if (state === "wiping")
    return waiting > 0
      ? `${waiting.toLocaleString("en")} of the chosen things wait for runs that have not ended; they are looked at every ten seconds. Cancel those runs, or let them end.`
      : `Wiped ${wiped.toLocaleString("en")} so far.`;
  if (state === "verifying")
    return `What was chosen is wiped. Looking through ${place ?? "everything"} once more.`;
  if (state === "wiped") return "What was chosen is wiped, and what the person was known by is thrown away.";
  if (state === "cancelled")
    return "The search was ended: its key and the list of what it found are thrown away.";
  if (state === "expired")
    return "Nobody ended the search for two weeks, so its key and its list were thrown away.";
  return "Look through what was found before you export or wipe it: what holds one person's data may hold others', too.";
}
