import { and, eq, inArray, notInArray } from "drizzle-orm";
import type { z } from "zod";
import { personItems } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { type PersonKind, personKinds } from "@/lib/words";
import { readPerson } from "./get";
import { finderOf, openKeys } from "./keys";
import { isWipeable, personKindInfo } from "./kinds";
import { beginTurn, isStill, readRequest, update } from "./rows";
import { type PersonRequest, wipePersonInput } from "./schemas";

/**
 * Wipes what a search found, in the background; a certificate says what was. It cannot be taken back. Throws `not_found`,
 * `conflict` for a search that is not at its end, `invalid` for a reason that names the person, or when nothing is chosen.
 */
export async function wipePerson(
  ctx: Context,
  input: z.input<typeof wipePersonInput>,
): Promise<PersonRequest> {
  requirePermission(ctx, "person.manage");
  const { id, reason, kinds, leave } = wipePersonInput.parse(input);
  const chosen = kinds ? kinds.filter(isWipeable) : personKinds.filter(isUsual);
  const projectId = ctx.project.id;
  return write(ctx, "person.manage", async (tx) => {
    const request = await readRequest(tx, { requestId: id, projectId });
    if (!request) throw notFound("The search");
    if (request.state !== "found" || request.sealed === null || !(await isStill(tx, request)))
      throw conflict("What is found can be wiped when the search is at its end, and once.");
    const finder = await finderOf(projectId, openKeys(projectId, request.sealed));
    if (finder.text(reason) || finder.names(reason))
      throw invalid(
        "The reason names what the person is known by, and it would stay in the certificate. Leave that out.",
      );
    const items = await tx
      .update(personItems)
      .set({ isChosen: true })
      .where(
        and(
          eq(personItems.requestId, id),
          eq(personItems.projectId, projectId),
          inArray(personItems.kind, chosen),
          ...(leave.length > 0 ? [notInArray(personItems.seq, leave)] : []),
        ),
      )
      .returning({ kind: personItems.kind });
    if (items.length === 0) throw invalid("Nothing is chosen: there is nothing to wipe.");
    await update(tx, request, {
      state: "wiping",
      reason,
      wipeBy: actorUserId(ctx.actor),
      wipeByLabel: ctx.actor.label,
      cursor: null,
      waiting: 0,
    });
    await beginTurn(tx, { requestId: id, projectId });
    return {
      result: await readPerson({ ...ctx, db: tx }, id),
      audit: {
        event: "person.wipe",
        itemId: id,
        after: { reason, things: items.length, kinds: chosen, left: leave.length },
      },
      changed: null,
    };
  });
}

const isUsual = (kind: PersonKind): boolean => personKindInfo[kind].wiping === "always";
