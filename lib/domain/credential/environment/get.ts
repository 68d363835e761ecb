import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { credentialBodies } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { openBody } from "@/lib/domain/credential/body";
import { hostList, jsonObject } from "@/lib/domain/fields";
import { write } from "@/lib/domain/write";
import { environmentOf, lockOwn, noEnvironment } from "./own";

export const ownEnvironment = z.strictObject({
  env: z.string(),
  body: jsonObject,
  allowedHosts: hostList.meta({ description: "null: those of main." }),
});

/** What one of the caller's credentials is in an environment, its secret included. Throws `not_found`. */
export async function getCredentialEnvironment(
  ctx: UserContext,
  input: z.input<typeof environmentOf>,
): Promise<z.infer<typeof ownEnvironment>> {
  const { credentialId: id, env } = environmentOf.parse(input);
  return write(ctx, "own", async (tx) => {
    const { name } = await lockOwn(tx, ctx, id);
    const [row] = await tx
      .select({ body: credentialBodies.body, allowedHosts: credentialBodies.allowedHosts })
      .from(credentialBodies)
      .where(and(eq(credentialBodies.credentialId, id), eq(credentialBodies.env, env)));
    if (!row) throw noEnvironment(name, env);
    return {
      result: { env, body: openBody(id, row.body, env), allowedHosts: row.allowedHosts },
      audit: { event: "credential.reveal", itemId: id, after: { env } },
      changed: null,
    };
  });
}
