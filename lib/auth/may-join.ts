import { eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { users } from "@/db/schema";
import { hasOpenInvitation } from "@/lib/domain/invitation/find";
import { env } from "@/lib/env";

/** Whether this e-mail may sign in without a password: it has an account, or may have one. */
export async function mayJoin(db: Db, email: string): Promise<boolean> {
  const address = email.trim().toLowerCase();
  const [user] = await db
    .select({ disabledAt: users.disabledAt })
    .from(users)
    .where(eq(users.email, address));
  if (user) return user.disabledAt === null;
  return env().ALLOW_SIGNUP || hasOpenInvitation(db, address);
}
