import { z } from "zod";
import type { Db } from "@/db/client";
import { users } from "@/db/schema";
import { hashPassword } from "@/lib/crypto/password";
import { violates } from "@/lib/domain/constraint";
import type { Actor } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";
import { emailInput, nameInput, passwordInput, refuseWeakPassword } from "./schemas";

export const newUser = z.strictObject({
  email: emailInput,
  name: nameInput.nullish(),
  password: passwordInput.optional(),
  image: z.string().max(2000).nullish(),
  isEmailVerified: z.boolean().default(false),
});

export type CreatedUser = { id: string; email: string; name: string | null; emailVerified: Date | null };

/**
 * Adds a user. Called by registration, by the operator's command line and at the first sign-in through a provider;
 * `ctx.actor` is absent when people make their own account. Throws `invalid` for a common
 * password, `conflict` when the e-mail has an account already.
 */
export async function createUser(
  ctx: { db: Db; actor?: Actor },
  input: z.input<typeof newUser>,
): Promise<CreatedUser> {
  const { email, name, password, image, isEmailVerified } = newUser.parse(input);
  if (password !== undefined) await refuseWeakPassword(password, { email, name });
  const passwordHash = password === undefined ? null : await hashPassword(password);
  const values = {
    email,
    name: name ?? null,
    image: image ?? null,
    passwordHash,
    emailVerified: isEmailVerified ? new Date() : null,
  };
  try {
    return await write(ctx, "own", async (tx) => {
      const [user] = await tx.insert(users).values(values).returning({
        id: users.id,
        email: users.email,
        name: users.name,
        emailVerified: users.emailVerified,
      });
      if (!user) throw new Error("The user was not inserted.");
      const actor = ctx.actor ?? { type: "user" as const, userId: user.id, label: email };
      const after = { email, name: user.name };
      return {
        result: user,
        audit: { event: "user.create", itemId: user.id, after, actor },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "users_email")) throw conflict(`There is already an account for ${email}.`);
    throw error;
  }
}
