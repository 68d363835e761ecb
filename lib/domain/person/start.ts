import { and, eq, inArray, sql } from "drizzle-orm";
import type { z } from "zod";
import { personRequests } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { lockProject, refuseOneMore } from "@/lib/domain/counted";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { readPerson } from "./get";
import { sealKeys } from "./keys";
import { beginTurn, newestId } from "./rows";
import { findPersonInput, type PersonRequest } from "./schemas";

/**
 * Looks for everything in the project that holds one person's data, in the background. Throws `invalid` for a search
 * too many. Whoever may is never shown masked values (`maskableRoles`), so nothing is told that they may not see.
 */
export async function findPerson(
  ctx: Context,
  input: z.input<typeof findPersonInput>,
): Promise<PersonRequest> {
  requirePermission(ctx, "person.manage");
  const { keys } = findPersonInput.parse(input);
  const until = await newestId(ctx.db);
  return write(ctx, "person.manage", async (tx) => {
    const projectId = ctx.project.id;
    await lockProject(tx, projectId);
    const where = and(
      eq(personRequests.projectId, projectId),
      inArray(personRequests.state, ["scanning", "found", "wiping", "verifying"]),
    );
    await refuseOneMore(tx, "personRequests", { table: personRequests, where, whose: "The project" });
    const [request] = await tx
      .insert(personRequests)
      .values({
        projectId,
        sealed: sealKeys(projectId, keys),
        keyCount: keys.length,
        until,
        nextAt: sql`clock_timestamp()`,
        createdBy: actorUserId(ctx.actor),
        createdByLabel: ctx.actor.label,
      })
      .returning({ id: personRequests.id });
    if (!request) throw new Error("The search was not made.");
    await beginTurn(tx, { requestId: request.id, projectId });
    return {
      result: await readPerson({ ...ctx, db: tx }, request.id),
      // Never what the person is known by.
      audit: { event: "person.find", itemId: request.id, after: { keys: keys.length } },
      changed: null,
    };
  });
}
