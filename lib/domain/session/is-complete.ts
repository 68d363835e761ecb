import { and, eq, isNotNull, isNull, lt, notExists, or, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { secondFactors, sessions } from "@/db/schema";

/**
 * Whether a row of `sessions` is a session: its person has no second factor, or has given it there since it was set up.
 * The only place that says so, for every way in.
 */
export const isComplete = (db: Db) =>
  notExists(
    db
      .select({ one: sql`1` })
      .from(secondFactors)
      .where(
        and(
          eq(secondFactors.userId, sessions.userId),
          isNotNull(secondFactors.confirmedAt),
          or(isNull(sessions.secondFactorAt), lt(sessions.secondFactorAt, secondFactors.confirmedAt)),
        ),
      ),
  );
