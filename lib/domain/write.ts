import type { Db } from "@/db/client";
import { requireNetwork, withoutNetwork } from "@/lib/net/offline";
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
  /** Who did what, for the record: one event, several, or null when nothing changed or verbs within have said it. */
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
 * acts. Inside `work` no network can be reached (lib/net/offline.ts). Within another `write`, which hands its `tx` on as
 * `ctx.db`, it is part of that one. Throws `forbidden`, and whatever `work` throws, with nothing changed.
 *
 * What nobody did needs none of this and stays one plain statement: facts from outside that are remembered (adaptors,
 * artefacts), when a session or token was last seen, leases, and counted attempts, which a refusal must not roll back; and
 * the batches in which background work carries out what `write` has recorded (lib/domain/purge).
 *
 * Locks are taken from what is small to what is shared: a step, its job state, its run, the run's work order, the message
 * (foreign keys of new rows lock it), the project. Whoever walks over many rows (purge, drain, sweep) waits for none that
 * somebody holds: `for update skip locked`, few rows of as few tables as can be, one short transaction each, and again
 * for what was passed over. So it is never part of a deadlock.
 */
export function write<T>(ctx: Context, permission: Permission, work: Work<T>): Promise<T>;
export function write<T>(ctx: Writer, permission: "own", work: Work<T>): Promise<T>;
export async function write<T>(ctx: Writer, permission: Permission | "own", work: Work<T>): Promise<T> {
  if (permission !== "own") requirePermission(ctx as Context, permission);
  if (keepsAnnouncements(ctx.db)) return part(ctx, ctx.db, work);
  // It would wait for a second connection while it holds the first, and be committed apart.
  requireNetwork("A second transaction");
  let told: Announcement[] = [];
  const result = await ctx.db.transaction((tx) =>
    withoutNetwork("a transaction", async () => {
      beginAnnouncements(tx);
      const done = await record(ctx, tx, work);
      if (failed.has(tx)) throw failed.get(tx);
      told = announced(tx);
      if (told.length > 0 && !ctx.announce)
        throw new Error("A context whose verbs change what pages show says how to announce it.");
      return done;
    }),
  );
  for (const announcement of told) ctx.announce?.(announcement);
  return result;
}

/** Why a part of a transaction failed. What it did until then is undone only together with the whole. */
const failed = new WeakMap<Db, unknown>();

async function part<T>(ctx: Writer, tx: Db, work: Work<T>): Promise<T> {
  try {
    return await record(ctx, tx, work);
  } catch (error) {
    failed.set(tx, error);
    throw error;
  }
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
