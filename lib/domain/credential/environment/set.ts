import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { credentialBodies, credentials } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { refuseLastMade } from "@/lib/domain/counted";
import { credentialBody, sealBody } from "@/lib/domain/credential/body";
import { allowedHosts } from "@/lib/domain/credential/create";
import { write } from "@/lib/domain/write";
import { invalid } from "@/lib/refusal";
import { envName, mainEnv } from "@/lib/workflow/env-name";
import { lockOwn } from "./own";

export const environmentUpdate = z.strictObject({
  credentialId: z.uuid(),
  env: envName,
  body: credentialBody.optional(),
  allowedHosts: allowedHosts
    .optional()
    .meta({ description: "Hosts that it may be sent to there; null: those of main." }),
});

/**
 * Says what one of the caller's credentials is in an environment other than `main`, and where it may be sent there.
 * Throws `not_found` for everybody but its owner, `invalid` for an environment that it does not have yet and no body.
 */
export async function setCredentialEnvironment(
  ctx: UserContext,
  input: z.input<typeof environmentUpdate>,
): Promise<void> {
  const { credentialId: id, env, body, allowedHosts: hosts } = environmentUpdate.parse(input);
  if (env === mainEnv) throw invalid("What a credential is in main is its own secret: change that.");
  await write(ctx, "own", async (tx) => {
    const { name } = await lockOwn(tx, ctx, id);
    const isIt = and(eq(credentialBodies.credentialId, id), eq(credentialBodies.env, env));
    const [before] = await tx
      .select({ allowedHosts: credentialBodies.allowedHosts })
      .from(credentialBodies)
      .where(isIt);
    if (before)
      await tx
        .update(credentialBodies)
        .set({
          ...(body ? { body: sealBody(id, body, env), updatedAt: sql`now()` } : {}),
          ...(hosts === undefined ? {} : { allowedHosts: hosts }),
        })
        .where(isIt);
    else {
      if (!body) throw invalid(`Enter what ${name} is in ${env}.`, { body: ["Enter what it is there."] });
      await tx
        .insert(credentialBodies)
        .values({ credentialId: id, env, body: sealBody(id, body, env), allowedHosts: hosts ?? null });
      const where = eq(credentialBodies.credentialId, id);
      await refuseLastMade(tx, "credentialEnvironments", { table: credentialBodies, where, whose: name });
    }
    await tx.update(credentials).set({ changedAt: sql`now()` }).where(eq(credentials.id, id));
    const after = {
      env,
      allowedHosts: hosts === undefined ? (before?.allowedHosts ?? null) : hosts,
      bodyChanged: body !== undefined,
    };
    return {
      result: undefined,
      audit: {
        event: "credential.set_environment",
        itemId: id,
        before: before ? { env, ...before } : null,
        after,
      },
      changed: null,
    };
  });
}
