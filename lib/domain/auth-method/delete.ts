import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { authMethods } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";

export const authMethodId = z.strictObject({ authMethodId: z.uuid() });

/** Deletes an authentication method. A URL that loses its last one is open to everybody who knows it. */
export async function deleteAuthMethod(ctx: Context, input: z.input<typeof authMethodId>): Promise<void> {
  await write(ctx, "auth_method.manage", async (tx) => {
    const { authMethodId: id } = authMethodId.parse(input);
    const [row] = await tx
      .delete(authMethods)
      .where(and(eq(authMethods.id, id), eq(authMethods.projectId, ctx.project.id)))
      .returning({ name: authMethods.name, type: authMethods.type });
    if (!row) throw notFound("The authentication method");
    return {
      result: undefined,
      audit: { event: "auth_method.delete", itemId: id, before: row },
      changed: null,
    };
  });
}
