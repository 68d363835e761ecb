import type { Db } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { type Change, write } from "@/lib/domain/write";
import { FairQueue } from "@/lib/net/fair-queue";
import { Refusal } from "@/lib/refusal";
import { lockItems } from "./lock";

/** A run reads and writes the collections of its project, whoever has started it. */
export type RunAccess = { db: Db; project: { id: string }; runId: string };

/** Who reads or changes items: somebody with a role in the project, or one of its runs. */
export type ItemAccess = Context | RunAccess;

export const isRun = (access: ItemAccess): access is RunAccess => "runId" in access;

type ItemPermission = "collection.write" | "collection.clear";

/** A change of a project's items, which nobody else changes meanwhile. Nothing of it is put on record. */
export async function changeItems<T>(
  access: ItemAccess,
  permission: ItemPermission,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  const change = async (tx: Db): Promise<Change<T>> => {
    await lockItems(tx, access.project.id);
    return { result: await work(tx), audit: null, changed: null };
  };
  if (isRun(access)) return write({ db: access.db, project: access.project }, "own", change);
  return write(access, permission, change);
}

/** On `globalThis`, because pages and routes are module worlds of their own. */
const shared = globalThis as { waybillCollections?: FairQueue };
shared.waybillCollections ??= new FairQueue({ total: 4, perTenant: 2, maxWaiting: 500 });
const lines = shared.waybillCollections;
const patienceMs = 30_000;
const retryAfterSeconds = 5;

/**
 * One statement or change of a project's items in the project's turn, so that nobody's jobs hold all connections. Throws
 * `limit` with the seconds to wait when the turn does not come.
 */
export async function inTurn<T>(projectId: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const result = await lines.runWithin(projectId, patienceMs, work, signal);
  if (result !== "full" && result !== "late") return result;
  throw new Refusal(
    "limit",
    `Too many requests to the collections of this project wait already. Try again in ${retryAfterSeconds} seconds.`,
    undefined,
    retryAfterSeconds,
  );
}
