import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { iso, rows } from "@/db/rows";
import { credentials, takenIds, users, workflows } from "@/db/schema";
import { type Actor, actorUserId } from "@/lib/domain/context";
import { takeIds } from "@/lib/domain/taken-ids";
import { isStorable } from "@/lib/text";
import type { Current } from "./current";
import type { ErrorList } from "./errors";
import type { Caller } from "./options";
import { changesWhileDeleting, notUnique, type Payload } from "./payload";
import type { NewId, Plan } from "./plan";

/** Who brings a document, and which of the credentials that it names they own. */
export async function callerOf(
  db: Db,
  { actor }: { actor: Actor },
  payload: Payload,
  { credentials: shared }: Current,
): Promise<Caller> {
  const known = new Set(shared.map(({ id }) => id));
  const named = payload.credentials.filter(({ id, isDeletion }) => !known.has(id) && !isDeletion);
  const userId = actorUserId(actor);
  if (named.length === 0 || userId === null) return { email: null, credentials: new Map() };
  const [user] = await db.select({ email: users.email }).from(users).where(eq(users.id, userId));
  const names = named.flatMap(({ raw }) =>
    typeof raw.name === "string" && isStorable(raw.name) ? [raw.name] : [],
  );
  const own = await db
    .select({ id: credentials.id, name: credentials.name })
    .from(credentials)
    .where(and(eq(credentials.ownerId, userId), inArray(credentials.name, names)));
  return { email: user?.email ?? null, credentials: new Map(own.map(({ id, name }) => [name, id])) };
}

/** What was deleted here meanwhile is not made again by whoever does not know of it. Returns the ids of those workflows. */
export async function refuseDeleted(
  tx: Db,
  projectId: string,
  payload: Payload,
  errors: ErrorList,
): Promise<Set<string>> {
  const sent = payload.workflows.filter(({ isDeletion }) => !isDeletion);
  if (sent.length === 0) return new Set();
  const deleted = await tx
    .select({ id: workflows.id, deletedAt: workflows.deletedAt })
    .from(workflows)
    .where(
      and(
        eq(workflows.projectId, projectId),
        isNotNull(workflows.deletedAt),
        inArray(
          workflows.id,
          sent.map(({ id }) => id),
        ),
      ),
    );
  for (const { id, deletedAt } of deleted) {
    const day = deletedAt ? ` on ${iso(deletedAt).slice(0, 10)}` : "";
    const label = sent.find((one) => one.id === id)?.label ?? "";
    errors.add(
      ["workflows", label, "base"],
      `This workflow was deleted${day}. Restore it in the browser, or run \`openfn pull\` (or \`waybill pull\`) to take it out of your files; nothing was deployed.`,
    );
  }
  return new Set(deleted.map(({ id }) => id));
}

/** A deletion of what never was here, which says more than that, is a mistake; of what was here once, it is done. */
export async function refuseBygone(
  tx: Db,
  projectId: string,
  bygone: readonly NewId[],
  errors: ErrorList,
): Promise<void> {
  if (bygone.length === 0) return;
  const known = await tx
    .select({ id: takenIds.id })
    .from(takenIds)
    .where(
      and(
        eq(takenIds.projectId, projectId),
        inArray(
          takenIds.id,
          bygone.map(({ id }) => id),
        ),
      ),
    );
  const ours = new Set(known.map(({ id }) => id));
  for (const { id, path } of bygone) if (!ours.has(id)) errors.add([...path, "delete"], changesWhileDeleting);
}

/** Those of these ids that parts of deleted workflows have: they may come back. */
async function idsOfDeleted(tx: Db, projectId: string, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const of = (table: "jobs" | "triggers" | "edges") => sql`
    select t.id from ${sql.identifier(table)} t join workflows w on w.id = t.workflow_id and w.deleted_at is not null
    where t.project_id = ${projectId} and t.id = any(${sql.param(ids)}::uuid[])`;
  const found = await rows<{ id: string }>(
    tx,
    sql`${of("jobs")} union all ${of("triggers")} union all ${of("edges")}`,
  );
  return found.map(({ id }) => id);
}

const foreignState =
  "The ids in this document are of another project here. Take its state file away, or pull the project that you mean.";

/** Takes the ids that a document brings, beside deleted workflows'. Those that are taken are told at their records. */
export async function refuseTaken(
  tx: Db,
  projectId: string,
  { plan, deleted }: { plan: Plan; deleted: ReadonlySet<string> },
  errors: ErrorList,
): Promise<void> {
  const newIds = plan.newIds.filter(({ workflowId }) => !deleted.has(workflowId ?? ""));
  if (newIds.length === 0) return;
  const taken = new Set([
    ...(await takeIds(tx, projectId, newIds)),
    ...(await idsOfDeleted(
      tx,
      projectId,
      newIds.map(({ id }) => id),
    )),
  ]);
  for (const { id, kind, path } of newIds) {
    if (!taken.has(id)) continue;
    errors.add([...path, "id"], notUnique);
    if (kind === "workflow") errors.add(["base"], foreignState);
  }
}
