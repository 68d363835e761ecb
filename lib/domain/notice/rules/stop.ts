import { and, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { noticeRules, projectMembers, projects, users } from "@/db/schema";
import { write } from "@/lib/domain/write";
import type { DigestWord, Role, StopKind } from "@/lib/words";
import { nextDigest } from "./clock";
import { hearsByRole } from "./types";

/** What the link in a mail says, once its signature was checked: it proves the mailbox, and allows nothing else. */
export type StopClaims = { userId: string; projectId: string; kind: StopKind };

/** What the link is about, for its page. */
export type Stoppable = { project: string; email: string; isStopped: boolean };

/** What would stop, or has; null when its person has nothing to do with the project any more. Changes nothing. */
export async function stoppable(db: Db, claims: StopClaims): Promise<Stoppable | null> {
  const found = await find(db, claims);
  return found && shown(found, claims.kind);
}

/** Stops what the link is about. Once is as often as twice. Null as above. */
export const stopRule = (db: Db, claims: StopClaims): Promise<Stoppable | null> => change(db, claims, true);

/** Lets what was stopped begin again: a digest as often as it came before, or weekly. Null as above. */
export const startRule = (db: Db, claims: StopClaims, now = new Date()): Promise<Stoppable | null> =>
  change(db, claims, false, now);

async function change(
  db: Db,
  claims: StopClaims,
  isStopped: boolean,
  now = new Date(),
): Promise<Stoppable | null> {
  const { userId, projectId, kind } = claims;
  const known = await find(db, claims);
  if (!known) return null;
  const actor = { type: "user" as const, userId, label: known.email };
  return write({ db, actor, project: { id: projectId } }, "own", async (tx) => {
    const found = await find(tx, claims, true);
    if (!found) return { result: null, audit: null, changed: null };
    const result = { ...shown(found, kind), isStopped };
    if (stopped(found, kind) === isStopped) return { result, audit: null, changed: null };
    const set =
      kind === "at_once"
        ? { atOnce: !isStopped }
        : isStopped
          ? { digest: "never" as const, stoppedDigest: found.digest, nextDigestAt: null }
          : restarted(found, now);
    const [row] = await tx
      .insert(noticeRules)
      .values({ projectId, userId, atOnce: hearsByRole(found.role), ...set, updatedAt: now })
      .onConflictDoUpdate({
        target: [noticeRules.projectId, noticeRules.userId],
        set: { ...set, updatedAt: now },
      })
      .returning({ id: noticeRules.id });
    return {
      result,
      audit: {
        event: isStopped ? "notice_rule.stop" : "notice_rule.start",
        ...(row ? { itemId: row.id } : {}),
        after: { userId, kind },
      },
      changed: null,
    };
  });
}

type Found = {
  project: string;
  email: string;
  timeZone: string | null;
  role: Role;
  atOnce: boolean | null;
  digest: DigestWord | null;
  stoppedDigest: DigestWord | null;
};

async function find(db: Db, { userId, projectId }: StopClaims, isLocked = false): Promise<Found | null> {
  if (isLocked) {
    // As whoever changes a rule by the page does: the person first.
    await db.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("share");
    await db
      .select({ role: projectMembers.role })
      .from(projectMembers)
      .where(and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId)))
      .for("no key update");
  }
  const [row] = await db
    .select({
      project: projects.name,
      email: users.email,
      timeZone: users.timeZone,
      role: projectMembers.role,
      atOnce: noticeRules.atOnce,
      digest: noticeRules.digest,
      stoppedDigest: noticeRules.stoppedDigest,
    })
    .from(projectMembers)
    .innerJoin(projects, eq(projects.id, projectMembers.projectId))
    .innerJoin(users, eq(users.id, projectMembers.userId))
    .leftJoin(
      noticeRules,
      and(eq(noticeRules.projectId, projectMembers.projectId), eq(noticeRules.userId, projectMembers.userId)),
    )
    .where(and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId)));
  return row ?? null;
}

const stopped = ({ role, atOnce, digest }: Found, kind: StopKind): boolean =>
  kind === "at_once" ? !(atOnce ?? hearsByRole(role)) : (digest ?? "never") === "never";

const shown = (found: Found, kind: StopKind): Stoppable => ({
  project: found.project,
  email: found.email,
  isStopped: stopped(found, kind),
});

function restarted({ stoppedDigest, timeZone }: Found, now: Date) {
  const digest = stoppedDigest && stoppedDigest !== "never" ? stoppedDigest : "weekly";
  return { digest, stoppedDigest: null, nextDigestAt: nextDigest(digest, timeZone, now) };
}
