import { eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { sessions, users } from "@/db/schema";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";

const maxUserAgentLength = 300;

/** Signs a browser in: the row that its cookie names. The caller has checked who it is. */
export async function createSession(
  db: Db,
  input: { userId: string; userAgent?: string | null | undefined },
): Promise<{ id: string; userId: string }> {
  const { userId } = input;
  return write({ db }, "own", async (tx) => {
    const [user] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId));
    if (!user) throw notFound("The user");
    const userAgent = input.userAgent?.slice(0, maxUserAgentLength) ?? null;
    const [session] = await tx.insert(sessions).values({ userId, userAgent }).returning({ id: sessions.id });
    if (!session) throw new Error("The session was not inserted.");
    const actor = { type: "user" as const, userId, label: user.email };
    return {
      result: { id: session.id, userId },
      audit: { event: "session.create", itemId: session.id, actor },
      changed: null,
    };
  });
}
