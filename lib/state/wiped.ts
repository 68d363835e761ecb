import type { WipedFor } from "@/lib/words";

/** When and why something was wiped, and since when it had been there. Without a reason it was retention. */
export type Wiped = {
  wipedAt: Date | string | null;
  wipedFor?: WipedFor | null | undefined;
  since?: Date | string | null | undefined;
};

/** The columns of a stored state's row `d` that say so, as SQL. */
export const wipedColumns =
  'd.wiped_at is not null as "isWiped", d.wiped_at as "wipedAt", d.wiped_for as "wipedFor", d.created_at as since';

const dayMs = 86_400_000;

/** What is said of a wiped thing wherever it would stand: a sentence. */
export function wipedSentence({ wipedAt, wipedFor = null, since = null }: Wiped): string {
  if (wipedAt === null) return "It was wiped by retention.";
  const at = new Date(wipedAt);
  const day = at.toISOString().slice(0, 10);
  if (wipedFor === "person") return `It was wiped on ${day}, with the data of the person whom it was about.`;
  if (wipedFor === "persistence")
    return `It was not kept, as this project's persistence says: wiped on ${day}.`;
  if (since === null) return `It was wiped by retention on ${day}.`;
  const days = Math.floor((at.getTime() - new Date(since).getTime()) / dayMs);
  return `It was wiped by retention on ${day}, after ${days === 1 ? "1 day" : `${Math.max(0, days)} days`}.`;
}
