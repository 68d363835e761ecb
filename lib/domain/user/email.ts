import { eq } from "drizzle-orm";
import { users } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { notFound } from "@/lib/refusal";

/** The caller's own e-mail address. */
export async function ownEmail({ db, actor }: UserContext): Promise<string> {
  const [row] = await db.select({ email: users.email }).from(users).where(eq(users.id, actor.userId));
  if (!row) throw notFound("The account");
  return row.email;
}
