import type { Db } from "@/db/client";
import { queryOf } from "@/db/rows";

/**
 * Whether it is this transaction's turn at the issues of a project, until its end: one at a time, because two who count the
 * same issue would wait for each other.
 */
export async function takesTurn(tx: Db, projectId: string): Promise<boolean> {
  const [turn] = await queryOf(tx)<{ isMine: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as "isMine"`,
    [`issues/${projectId}`],
  );
  return turn?.isMine ?? false;
}
