import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { users } from "@/db/schema";
import { verifyPassword } from "@/lib/crypto/password";
import { consumeLimit, limits, resetLimit } from "@/lib/domain/rate-limit/consume";
import { emailInput, givenPassword } from "./schemas";

const credentialsInput = z.object({ email: emailInput, password: givenPassword });

/**
 * The user with this e-mail and password, or undefined: the same answer, after the same time, for an unknown e-mail,
 * a wrong password and a disabled user. Throws `limit` after too many wrong passwords for one account.
 */
export async function authenticateUser(
  ctx: { db: Db; address: string },
  input: { email: string; password: string },
): Promise<{ id: string; email: string; name: string | null } | undefined> {
  const parsed = credentialsInput.safeParse(input);
  if (!parsed.success) return undefined;
  const { email, password } = parsed.data;
  await consumeLimit(ctx.db, `password-from:${ctx.address}`, limits.passwordPerAddress);
  await consumeLimit(ctx.db, `password:${email}`, limits.passwordPerAccount);
  const [user] = await ctx.db
    .select({ id: users.id, name: users.name, hash: users.passwordHash, disabledAt: users.disabledAt })
    .from(users)
    .where(eq(users.email, email));
  const isRight = await verifyPassword(password, user?.hash);
  if (!user || !isRight || user.disabledAt) return undefined;
  await resetLimit(ctx.db, `password:${email}`);
  return { id: user.id, email, name: user.name };
}
