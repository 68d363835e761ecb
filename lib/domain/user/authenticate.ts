import { eq } from "drizzle-orm";
import { z } from "zod";
import { users } from "@/db/schema";
import { verifyPassword } from "@/lib/crypto/password";
import { countGuess, type Guesser } from "@/lib/domain/rate-limit/guess";
import { emailInput, givenPassword } from "./schemas";

const credentialsInput = z.object({ email: emailInput, password: givenPassword });

/**
 * The user with this e-mail and password, or undefined: the same answer, after the same time, for an unknown e-mail,
 * a wrong password and a disabled user. Throws `limit` after too many wrong passwords for one account from
 * where this one comes from.
 */
export async function authenticateUser(
  ctx: Guesser,
  input: { email: string; password: string },
): Promise<{ id: string; email: string; name: string | null } | undefined> {
  const parsed = credentialsInput.safeParse(input);
  if (!parsed.success) return undefined;
  const { email, password } = parsed.data;
  const wasRight = await countGuess(ctx, "password", email);
  const [user] = await ctx.db
    .select({ id: users.id, name: users.name, hash: users.passwordHash, disabledAt: users.disabledAt })
    .from(users)
    .where(eq(users.email, email));
  const isRight = await verifyPassword(password, user?.hash);
  if (!user || !isRight || user.disabledAt) return undefined;
  await wasRight();
  return { id: user.id, email, name: user.name };
}
