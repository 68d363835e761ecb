import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { authMethods } from "@/db/schema";
import { open } from "@/lib/crypto/envelope";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { secretContext } from "./create";
import { authMethodId } from "./delete";

export const authMethodSecret = z.strictObject({ username: z.string().nullable(), secret: z.string() });

/** The password or key of an authentication method, to set up a sender. Each reading is audited. */
export async function revealAuthMethod(
  ctx: Context,
  input: z.input<typeof authMethodId>,
): Promise<z.infer<typeof authMethodSecret>> {
  return write(ctx, "auth_method.manage", async (tx) => {
    const { authMethodId: id } = authMethodId.parse(input);
    const [row] = await tx
      .select({ name: authMethods.name, username: authMethods.username, secret: authMethods.secret })
      .from(authMethods)
      .where(and(eq(authMethods.id, id), eq(authMethods.projectId, ctx.project.id)));
    if (!row) throw notFound("The authentication method");
    return {
      result: { username: row.username, secret: open(row.secret, secretContext(ctx.project.id, row.name)) },
      audit: { event: "auth_method.reveal", itemId: id },
      changed: null,
    };
  });
}
