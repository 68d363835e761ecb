import { and, eq, isNull, ne, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { sessions } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";

const revocation = z.strictObject({ sessionId: z.uuid() });

export const revokedSessions = z.strictObject({ revoked: z.int() });

/** Signs one of the user's browsers out, from its next request on. Throws `not_found` for anybody else's. */
export async function revokeSession(ctx: UserContext, input: z.input<typeof revocation>): Promise<void> {
  const { sessionId } = revocation.parse(input);
  await write(ctx, "own", async (tx) => {
    const [row] = await tx
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(
        and(eq(sessions.id, sessionId), eq(sessions.userId, ctx.actor.userId), isNull(sessions.revokedAt)),
      )
      .returning({ id: sessions.id });
    if (!row) throw notFound("The session");
    return {
      result: undefined,
      audit: { event: "session.revoke", itemId: row.id },
      changed: null,
    };
  });
}

/** Signs the user out everywhere but in the browser that asks. Returns how many ended. */
export async function revokeOtherSessions(ctx: UserContext & { sessionId?: string }): Promise<number> {
  return write(ctx, "own", async (tx) => {
    const ids = await endSessions(tx, ctx.actor.userId, { except: ctx.sessionId });
    return {
      result: ids.length,
      audit: ids.map((id) => ({ event: "session.revoke", itemId: id })),
      changed: null,
    };
  });
}

/** Ends the user's sessions in the caller's transaction, but for the one that asks. Returns their ids. */
export async function endSessions(
  tx: Db,
  userId: string,
  { except }: { except: string | undefined },
): Promise<string[]> {
  const ended = await tx
    .update(sessions)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.revokedAt),
        ...(except ? [ne(sessions.id, except)] : []),
      ),
    )
    .returning({ id: sessions.id });
  return ended.map(({ id }) => id);
}
