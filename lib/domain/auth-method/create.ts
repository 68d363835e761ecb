import { eq } from "drizzle-orm";
import { z } from "zod";
import { authMethods } from "@/db/schema";
import { seal } from "@/lib/crypto/envelope";
import { newToken } from "@/lib/crypto/token";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { lockProject, refuseOneMore } from "@/lib/domain/counted";
import { named, storable } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { env } from "@/lib/env";
import { authDigest, digestKey } from "@/lib/inbox/digest";
import { conflict } from "@/lib/refusal";
import { authMethodTypes } from "@/lib/words";

const name = storable.trim().min(1, "Enter a name, such as Kobo server.").max(100);
const secret = z.string().min(8, "Use at least 8 characters.").max(500);

export const newAuthMethod = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("basic"),
    name,
    username: storable
      .min(1, "Enter a user name.")
      .max(200)
      .regex(/^[^:]+$/, "A user name holds no colon."),
    password: secret,
    onInbox: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal("api"),
    name,
    /** Made here when absent. */
    apiKey: secret.optional(),
    onInbox: z.boolean().default(false),
  }),
]);

export const createdAuthMethod = z.strictObject({ ...named.shape, type: z.enum(authMethodTypes) });

export const secretContext = (projectId: string, methodName: string) =>
  `auth-method:${projectId}:${methodName}`;

/**
 * Adds a check for senders. It protects nothing until it is linked to triggers or to the inbox URL. Throws
 * `conflict` when the name is used. The secret can be read again with `revealAuthMethod`.
 */
export async function createAuthMethod(
  ctx: Context,
  input: z.input<typeof newAuthMethod>,
): Promise<z.infer<typeof createdAuthMethod>> {
  requirePermission(ctx, "auth_method.manage");
  const method = newAuthMethod.parse(input);
  const { username, value, digested } = secretOf(method);
  const digest = await authDigest(await digestKey(env().SECRET_KEY ?? ""), method.type, digested);
  const values = {
    projectId: ctx.project.id,
    name: method.name,
    type: method.type,
    username,
    secret: seal(value, secretContext(ctx.project.id, method.name)),
    digest,
    onInbox: method.onInbox,
  };
  try {
    return await write(ctx, "auth_method.manage", async (tx) => {
      await lockProject(tx, ctx.project.id);
      await refuseOneMore(tx, "authMethods", {
        table: authMethods,
        where: eq(authMethods.projectId, ctx.project.id),
        whose: "The project",
      });
      const [row] = await tx.insert(authMethods).values(values).returning({ id: authMethods.id });
      if (!row) throw new Error("The authentication method was not inserted.");
      const after = { name: method.name, type: method.type, username, onInbox: method.onInbox };
      return {
        result: { id: row.id, name: method.name, type: method.type },
        audit: { event: "auth_method.create", itemId: row.id, after },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "auth_methods_name"))
      throw conflict(`There is already an authentication method named ${method.name}. Choose another name.`);
    throw error;
  }
}

/** The secret, and the text that senders' requests are compared by. */
function secretOf(method: z.infer<typeof newAuthMethod>) {
  if (method.type === "basic")
    return {
      username: method.username,
      value: method.password,
      digested: `${method.username}:${method.password}`,
    };
  const value = method.apiKey ?? newToken("wbk_").token;
  return { username: null, value, digested: value };
}
