import { eq } from "drizzle-orm";
import { iso } from "@/db/rows";
import { users } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { notFound } from "@/lib/refusal";

export type Profile = {
  id: string;
  email: string;
  name: string | null;
  hasPassword: boolean;
  isEmailVerified: boolean;
  createdAt: string;
};

/** The signed-in user's own account. */
export async function getUser(ctx: UserContext): Promise<Profile> {
  const [row] = await ctx.db.select().from(users).where(eq(users.id, ctx.actor.userId));
  if (!row) throw notFound("Your account");
  const { id, email, name } = row;
  return {
    id,
    email,
    name,
    createdAt: iso(row.createdAt),
    hasPassword: row.passwordHash !== null,
    isEmailVerified: row.emailVerified !== null,
  };
}
