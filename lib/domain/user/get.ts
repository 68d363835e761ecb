import { eq } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { users } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { notFound } from "@/lib/refusal";

export const profile = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    hasPassword: z.boolean(),
    isEmailVerified: z.boolean(),
    createdAt: moment,
  })
  .meta({ id: "Profile" });
export type Profile = z.infer<typeof profile>;

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
