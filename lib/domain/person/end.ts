import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { personItems } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import type { PersonState } from "@/lib/words";
import { readPerson } from "./get";
import { isStill, type PersonHost, type RequestRow, readRequest, update } from "./rows";
import { type PersonRequest, personId } from "./schemas";

const endable: readonly PersonState[] = ["scanning", "found", "failed"];

/**
 * Ends a search: its key and the list of what it found are thrown away. Throws `not_found`, and `conflict` for one whose
 * wipe has begun, which is carried out.
 */
export async function endPerson(ctx: Context, input: z.input<typeof personId>): Promise<PersonRequest> {
  requirePermission(ctx, "person.manage");
  const { id } = personId.parse(input);
  return write(ctx, "person.manage", async (tx) => {
    const request = await readRequest(tx, { requestId: id, projectId: ctx.project.id });
    if (!request) throw notFound("The search");
    if (!endable.includes(request.state) || !(await isStill(tx, request)))
      throw conflict("Only a search can be ended. A wipe that has begun is carried out.");
    await forget(tx, request, "cancelled");
    return {
      result: await readPerson({ ...ctx, db: tx }, id),
      audit: { event: "person.end", itemId: id, before: { state: request.state, found: request.found } },
      changed: null,
    };
  });
}

async function forget(tx: Db, request: RequestRow, state: "cancelled" | "expired"): Promise<void> {
  await tx
    .delete(personItems)
    .where(and(eq(personItems.requestId, request.id), eq(personItems.projectId, request.projectId)));
  await update(tx, request, { state, sealed: null, cursor: null, endedAt: new Date() });
}

/** How long the key of a search that nobody ends is kept. */
export const keptDays = 14;

/** Throws away keys of searches that nobody has ended for two weeks, with what was found. Returns how many. */
export async function forgetPersons({ db, announce }: PersonHost): Promise<number> {
  const over = await rows<{ requestId: string; projectId: string }>(
    db,
    sql`/* all tenants: the time is over for everybody's */ select id as "requestId", project_id as "projectId" from person_requests
        where sealed is not null and state in ('found', 'failed') and beat_at < clock_timestamp() - make_interval(days => ${keptDays})
        order by id limit 20`,
  );
  const actor = { type: "system", label: "person's data" } as const;
  for (const ids of over)
    await write({ db, announce, actor, project: { id: ids.projectId } }, "own", async (tx) => {
      const request = await readRequest(tx, ids);
      const isOver = request && (await isStill(tx, request));
      if (isOver) await forget(tx, request, "expired");
      const audit = isOver ? { event: "person.expire", itemId: request.id } : null;
      return { result: undefined, audit, changed: null };
    });
  return over.length;
}
