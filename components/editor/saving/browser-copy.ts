import type { DraftGraph } from "@/lib/editor/graph";
import { parseExact, stringifyExact } from "@/lib/exact-json";

/** What this browser keeps of a draft while the server does not have it. */
export type BrowserCopy = {
  graph: DraftGraph;
  note: string | null;
  /** What the page had of the server's draft: its revision, and the version that it changes. */
  revision: number | null;
  baseVersion: number;
  /** ISO 8601. */
  keptAt: string;
};

type Place = { userId: string; workflowId: string };
type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const prefix = "waybill:draft:";
const keyOf = ({ userId, workflowId }: Place) => `${prefix}${userId}:${workflowId}`;
/** Whoever has not come back by then has no use for it, and the browser may be somebody else's. */
const keptDays = 30;

/** Keeps a copy; false where the browser has no room for it, or keeps nothing. */
export function keepCopy(shelf: Shelf | null, place: Place, copy: BrowserCopy): boolean {
  try {
    shelf?.setItem(keyOf(place), stringifyExact(copy));
    return shelf !== null;
  } catch {
    return false;
  }
}

/** The copy of a draft; null when there is none, or when it cannot be read. */
export function readCopy(shelf: Shelf | null, place: Place): BrowserCopy | null {
  try {
    const text = shelf?.getItem(keyOf(place));
    return text ? asCopy(parseExact(text)) : null;
  } catch {
    return null;
  }
}

export function dropCopy(shelf: Shelf | null, place: Place): void {
  try {
    shelf?.removeItem(keyOf(place));
  } catch {
    // A browser that takes nothing away has kept nothing either.
  }
}

/** Drops copies that nobody came back for, whoever's they are. */
export function dropOldCopies(shelf: Shelf | null, now: Date): void {
  if (!shelf) return;
  const oldest = now.getTime() - keptDays * 86_400_000;
  const keys = Array.from({ length: shelf.length }, (_, index) => shelf.key(index));
  for (const key of keys) {
    if (!key?.startsWith(prefix)) continue;
    const [userId = "", workflowId = ""] = key.slice(prefix.length).split(":");
    const copy = readCopy(shelf, { userId, workflowId });
    if (!copy || !(Date.parse(copy.keptAt) >= oldest)) shelf.removeItem(key);
  }
}

/** This browser's own shelf; null where it has none, or lets nobody at it. */
export function browserShelf(): Shelf | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function asCopy(value: unknown): BrowserCopy | null {
  if (typeof value !== "object" || value === null || !("graph" in value)) return null;
  const copy = value as BrowserCopy;
  if (!isGraph(copy.graph) || typeof copy.baseVersion !== "number") return null;
  return { ...copy, note: typeof copy.note === "string" ? copy.note : null };
}

const isGraph = (graph: unknown): graph is DraftGraph =>
  typeof graph === "object" &&
  graph !== null &&
  ["triggers", "jobs", "edges"].every((list) => Array.isArray(Reflect.get(graph, list)));

type Opened = { revision: number | null; baseVersion: number; graph: DraftGraph; note: string | null };

/**
 * What the editor opens with: what the server has, the browser's copy where it goes on from there, or a question where both
 * went on by themselves.
 */
export function whatToOpen(
  server: Opened,
  copy: BrowserCopy | null,
  isSame: (one: DraftGraph, other: DraftGraph) => boolean,
): "server" | "copy" | "ask" {
  if (!copy || (isSame(copy.graph, server.graph) && copy.note === server.note)) return "server";
  const goesOn = copy.revision === server.revision && copy.baseVersion === server.baseVersion;
  return goesOn ? "copy" : "ask";
}
