import { and, eq, isNotNull } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { storedStates } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { lockProject, refuseLastMade } from "@/lib/domain/counted";
import { anyJson } from "@/lib/domain/fields";
import { redactInput } from "@/lib/domain/message/redactions";
import { write } from "@/lib/domain/write";
import { stringifyExact } from "@/lib/exact-json";
import { limits, tooMuchOf, utf8Bytes } from "@/lib/limits";
import { conflict, invalid } from "@/lib/refusal";
import { inputName, type SavedInput } from "./types";

/** A state that a person brings: a JSON object, its numbers as they are written. */
export const stateInput = anyJson.refine(isObject, {
  error: 'A state is a JSON object, such as {"data": {"id": 1}}.',
});

export const keepInputInput = z.strictObject({ name: inputName, json: stateInput });

/** Saves a state under a name, for manual runs. Throws `conflict` when the name is taken, `invalid` when it is too large. */
export const keepInput = (ctx: Context, input: z.input<typeof keepInputInput>): Promise<SavedInput> => {
  const { name, json } = keepInputInput.parse(input);
  return withTakenInputName(() =>
    write(ctx, "run.start", async (tx) => {
      const saved = await insertInput(ctx, tx, { json, name });
      return {
        result: { ...saved, name },
        audit: { event: "dataclip.create", itemId: saved.id, after: { name, size: saved.size } },
        changed: null,
      };
    }),
  );
};

/** Stores a state that a person brought, redacted, named or not, in the caller's `write`. OpenFn's rule: without `configuration`. */
export async function insertInput(
  ctx: Context,
  tx: Db,
  { json, name }: { json: unknown; name: string | null },
): Promise<Omit<SavedInput, "name">> {
  if (!isObject(json)) throw invalid("A state is a JSON object.");
  const { configuration: _, ...state } = json;
  const body = await redactInput({ ...ctx, db: tx }, stringifyExact(state));
  const size = utf8Bytes(body);
  if (size > limits.keptStateBytes) throw tooMuchOf("keptStateBytes", size, "The input");
  if (name !== null) await lockProject(tx, ctx.project.id);
  const [row] = await tx
    .insert(storedStates)
    .values({ projectId: ctx.project.id, type: "saved_input", name, body, size })
    .returning({ id: storedStates.id, type: storedStates.type, createdAt: storedStates.createdAt });
  if (!row) throw new Error("The input was not stored.");
  if (name !== null) await refuseTooManyNamed(ctx, tx);
  return { ...row, size, createdAt: row.createdAt.toISOString() };
}

/** Throws `invalid` when the project has more saved inputs than it may. It is locked, so that the count holds. */
export const refuseTooManyNamed = (ctx: Context, tx: Db): Promise<void> =>
  refuseLastMade(tx, "savedInputs", {
    table: storedStates,
    where: and(eq(storedStates.projectId, ctx.project.id), isNotNull(storedStates.name)),
    whose: "The project",
  });

/** Says that the name is taken when the database refuses one. */
export async function withTakenInputName<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (violates(error, "dataclips_name"))
      throw conflict("Another saved input of this project has this name. Choose another one.");
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
