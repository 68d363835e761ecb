import type { Db } from "@/db/client";
import { withoutNetwork } from "@/lib/net/offline";
import {
  type Announce,
  type Announcement,
  announced,
  announceIn,
  beginAnnouncements,
  keepsAnnouncements,
} from "@/lib/queue/announce";
import { type AuditEntry, audit } from "./audit";
import type { Actor, Context } from "./context";
import { type Permission, requirePermission } from "./permissions";

/** What a verb's work came to. Every part is named each time, so that none can be forgotten. */
export type Change<T> = {
  result: T;
  /** Who did what, for the record: one event, several, or null when nothing was changed. */
  audit: AuditEntry | AuditEntry[] | null;
  /** What pages show of it; null when they show nothing of it. Queued runs announce themselves (lib/queue). */
  changed: Omit<Announcement, "projectId"> | null;
};

/** Whoever changes what is their own, or the product itself. */
export type Writer = { db: Db; actor?: Actor; project?: { id: string }; announce?: Announce };

type Work<T> = (tx: Db) => Promise<Change<T>>;

/**
 * The only way in which a verb changes something: permission, one transaction, the audit in it, and after its commit
 * the announcement, whoever calls the verb. `"own"` needs no role: what it changes belongs to the actor, or the system
 * acts. Inside `work` no network can be reached (lib/net/offline.ts). Within another `write` it is part of that one.
 * Throws `forbidden`, and whatever `work` throws, with nothing changed.
 */
export function write<T>(ctx: Context, permission: Permission, work: Work<T>): Promise<T>;
export function write<T>(ctx: Writer, permission: "own", work: Work<T>): Promise<T>;
export async function write<T>(ctx: Writer, permission: Permission | "own", work: Work<T>): Promise<T> {
  if (permission !== "own") requirePermission(ctx as Context, permission);
  if (keepsAnnouncements(ctx.db)) return record(ctx, ctx.db, work);
  let told: Announcement[] = [];
  const result = await withoutNetwork("a transaction", () =>
    ctx.db.transaction(async (tx) => {
      beginAnnouncements(tx);
      const done = await record(ctx, tx, work);
      told = announced(tx);
      return done;
    }),
  );
  for (const announcement of told) announceBy(ctx, announcement);
  return result;
}

async function record<T>(ctx: Writer, tx: Db, work: Work<T>): Promise<T> {
  const { result, audit: entries, changed } = await work(tx);
  for (const entry of entries === null ? [] : [entries].flat()) await audit(tx, ctx, entry);
  if (changed) {
    if (!ctx.project) throw new Error("What pages show belongs to a project.");
    announceIn(tx, { projectId: ctx.project.id, ...changed });
  }
  return result;
}

function announceBy({ announce }: Writer, announcement: Announcement): void {
  if (!announce) throw new Error("A context whose verbs change what pages show says how to announce it.");
  announce(announcement);
}
