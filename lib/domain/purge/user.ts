import { and, eq, lte, sql as text } from "drizzle-orm";
import type { Database } from "@/db/client";
import { users } from "@/db/schema";
import { write } from "@/lib/domain/write";
import { operator } from "./actor";
import type { Pace } from "./pace";
import { renameEverywhere } from "./rename";
import { deleteFound } from "./rows";

/** A user's own, and which rows, about their id `$1`. */
const byId: [table: string, where: string][] = [
  ["sessions", "user_id = $1"],
  ["accounts", "user_id = $1"],
  ["second_factors", "user_id = $1"],
  ["backup_codes", "user_id = $1"],
  ["api_tokens", "user_id = $1"],
  ["credential_bodies", "credential_id in (select id from credentials where owner_id = $1)"],
  ["credential_transfers", "from_id = $1 or to_id = $1"],
  ["drafts", "user_id = $1"],
  ["oauth_consents", "user_id = $1"],
  ["credentials", "owner_id = $1"],
  ["oauth_clients", "owner_id = $1"],
  ["notice_rules", "user_id = $1"],
  ["project_members", "user_id = $1"],
  ["plan_notices", "user_id = $1"],
  ["notices", "user_id = $1"],
  ["reveals", "user_id = $1"],
];

/** What names their mailbox `$1`. */
const byEmail: [table: string, where: string][] = [
  ["invitations", "email = $1"],
  ["verification_tokens", "identifier = $1"],
  ["mails", `"to" = $1`],
];

/**
 * Purges an account whose time has come: sessions, tokens, ways to sign in, second factor, credentials (jobs of other
 * people's projects lose them), memberships, mails. What stays says `deleted user …` instead of who they were. Returns
 * whether it is done; false when the pace ended first, or they still own a project: ask again.
 */
export async function purgeUser(database: Database, userId: string, pace: Pace): Promise<boolean> {
  const [user] = await database.query<{ email: string; name: string | null; isDue: boolean }>(
    `/* checked: the user's own projects */
     select email, name, deletes_at <= now() and not exists (
       select 1 from project_members where user_id = $1 and role = 'owner') as "isDue"
     from users where id = $1`,
    [userId],
  );
  if (!user?.isDue) return false;
  for (const [table, where] of byId)
    if (!(await deleteFound(database, { table, where }, [userId], pace))) return false;
  for (const [table, where] of byEmail)
    if (!(await deleteFound(database, { table, where }, [user.email], pace))) return false;
  const pseudonym = `deleted user ${userId.slice(-8)}`;
  if (!(await renameEverywhere(database, { userId, email: user.email, pseudonym }, pace))) return false;
  return write({ db: database.db, actor: operator }, "own", async (tx) => {
    const gone = await tx
      .delete(users)
      .where(and(eq(users.id, userId), lte(users.deletesAt, text`now()`)))
      .returning({ id: users.id });
    if (gone.length === 0) return { result: false, audit: null, changed: null };
    return {
      result: true,
      audit: { event: "user.purge", itemId: userId, before: { label: pseudonym } },
      changed: null,
    };
  });
}
