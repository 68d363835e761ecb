import { eq } from "drizzle-orm";
import { z } from "zod";
import { users } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { nameInput } from "./schemas";

export const profileInput = z.strictObject({ name: nameInput });

/** Changes what the signed-in user tells about themselves. */
export async function updateUser(
  ctx: UserContext,
  input: z.input<typeof profileInput>,
): Promise<{ name: string }> {
  const { name } = profileInput.parse(input);
  const { userId } = ctx.actor;
  return write(ctx, "own", async (tx) => {
    const [before] = await tx
      .select({ name: users.name })
      .from(users)
      .where(eq(users.id, userId))
      .for("update");
    await tx.update(users).set({ name }).where(eq(users.id, userId));
    return {
      result: { name },
      audit: { event: "user.update", itemId: userId, before, after: { name } },
      changed: null,
    };
  });
}
