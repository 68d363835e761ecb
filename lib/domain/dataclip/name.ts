import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { dataclips } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { whyGone } from "@/lib/state/kept";
import { refuseTooManyNamed, withTakenInputName } from "./keep";
import { inputName } from "./types";

const isIt = (ctx: Context, id: string) => and(eq(dataclips.id, id), eq(dataclips.projectId, ctx.project.id));

/** Null takes the name away: then it is kept as long as what it is from. */
export const nameDataclipInput = z.strictObject({ id: z.uuid(), name: inputName.nullable() });

export const namedDataclip = z.strictObject({ id: z.uuid(), name: z.string().nullable() });

/**
 * Names a stored state, which makes it a saved input: it is offered for manual runs and never wiped. Throws `not_found`,
 * `conflict` when the name is taken or the state is not there any more.
 */
export const nameDataclip = (
  ctx: Context,
  input: z.input<typeof nameDataclipInput>,
): Promise<z.infer<typeof namedDataclip>> => {
  const { id, name } = nameDataclipInput.parse(input);
  return withTakenInputName(() =>
    write(ctx, "run.start", async (tx) => {
      await lockProject(tx, ctx.project.id);
      const [before] = await tx
        .select({
          name: dataclips.name,
          body: dataclips.body,
          size: dataclips.size,
          wipedAt: dataclips.wipedAt,
          wipedFor: dataclips.wipedFor,
          since: dataclips.createdAt,
        })
        .from(dataclips)
        .where(isIt(ctx, id))
        .for("update");
      if (!before) throw notFound("The input");
      if (before.body === null)
        throw conflict(
          `There is nothing to keep. ${whyGone({ ...before, isWiped: before.wipedAt !== null })}`,
        );
      if (before.name === name) return { result: { id, name }, audit: null, changed: null };
      // By the view, which stores it whole: what is named stays, whatever becomes of its message.
      await tx.execute(
        sql`update dataclips set name = ${name} where id = ${id}::uuid and project_id = ${ctx.project.id}`,
      );
      if (name !== null) await refuseTooManyNamed(ctx, tx);
      return {
        result: { id, name },
        audit: { event: "dataclip.name", itemId: id, before: { name: before.name }, after: { name } },
        changed: null,
      };
    }),
  );
};
