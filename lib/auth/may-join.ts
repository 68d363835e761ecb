import { eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { users } from "@/db/schema";
import { hasOpenInvitation } from "@/lib/domain/invitation/find";
import { env } from "@/lib/env";

/** Whether this e-mail may sign in without a password: it has an account, or may have one. */
export const mayJoin = async (db: Db, email: string): Promise<boolean> => (await joining(db, email)) !== "no";

/** How this e-mail may come in without a password: to its account, to a new one, or not. */
export async function joining(db: Db, email: string): Promise<"account" | "new" | "no"> {
  const address = email.trim().toLowerCase();
  const [user] = await db
    .select({ disabledAt: users.disabledAt })
    .from(users)
    .where(eq(users.email, address));
  if (user) return user.disabledAt === null ? "account" : "no";
  return env().ALLOW_SIGNUP || (await hasOpenInvitation(db, address)) ? "new" : "no";
}
