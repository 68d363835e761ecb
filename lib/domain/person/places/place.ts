import type { Db } from "@/db/client";
import type { Finder } from "@/lib/domain/person/finder";
import type { PersonKind, PersonVia } from "@/lib/words";

/** What a place is looked through with: whose it is, for what, and from where to where. */
export type Scan = {
  db: Db;
  projectId: string;
  requestId: string;
  finder: Finder;
  /** Ids below this one. */
  until: string;
  /** What has been looked through; null at the beginning. */
  cursor: string | null;
  /** What was made from what holds a key belongs to it, too. */
  withMade: boolean;
};

/** A thing that holds a key, or was made from what does. */
export type Item = {
  kind: PersonKind;
  itemId: string;
  via: PersonVia;
  places: string[];
  excerpt: string | null;
  at: Date;
  source?: string;
  messageId?: string | null;
  runId?: string | null;
  clipId?: string | null;
};

/** A page of a place: what was found in it, and where the next one begins; null when there is none. */
export type ScanPage = { items: Item[]; seen: number; cursor: string | null };

export type Place = {
  /** What is looked through, as pages say it. */
  name: string;
  page(scan: Scan): Promise<ScanPage>;
};

export const lowest = "00000000-0000-0000-0000-000000000000";

/** The first of `sizes` that fit into so many bytes together; at least one. */
export function firstThatFit<T extends { bytes: number }>(found: T[], most: number): T[] {
  let bytes = 0;
  const end = found.findIndex((one, i) => {
    bytes += one.bytes;
    return i > 0 && bytes > most;
  });
  return end < 0 ? found : found.slice(0, end);
}

/** Collects where in one thing something was found. */
export class Where {
  readonly places: string[] = [];
  excerpt: string | null = null;

  add(place: string, found: { excerpt: string } | null): void {
    if (!found) return;
    if (!this.places.includes(place)) this.places.push(place);
    this.excerpt ??= found.excerpt;
  }

  get isFound(): boolean {
    return this.places.length > 0;
  }
}
