import { z } from "zod";
import { violates } from "@/lib/domain/constraint";
import type { Context, UserContext } from "@/lib/domain/context";
import { createCredential, credentialName, newCredential } from "@/lib/domain/credential/create";
import { deleteCredential } from "@/lib/domain/credential/delete";
import { setCredentialEnvironment } from "@/lib/domain/credential/environment/set";
import { shareCredential } from "@/lib/domain/credential/share";
import { updateCredential } from "@/lib/domain/credential/update";
import { jsonObject } from "@/lib/domain/fields";
import { may } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { type OpenfnErrors, OpenfnRefusal } from "@/lib/openfn-refusal";
import { forbidden, notFound, Refusal } from "@/lib/refusal";
import { envName, mainEnv } from "@/lib/workflow/env-name";
import { findCredential } from "./document";

const maxLinks = 200;
const link = z.looseObject({ project_id: z.uuid() });
const maxBodies = 21;

/** What OpenFn's API takes for a new credential; what it says besides is not looked at, as there. */
export const newOpenfnCredential = z.looseObject({
  name: credentialName,
  schema: newCredential.shape.schema.unwrap().nullish(),
  body: jsonObject.optional(),
  credential_bodies: z
    .array(z.looseObject({ name: envName, body: jsonObject }))
    .min(1)
    .max(maxBodies)
    .optional()
    .meta({ description: "What it is in each environment; `main` among them." }),
  project_credentials: z.array(link).max(maxLinks).optional(),
});

type Bodies = {
  main: z.infer<typeof jsonObject>;
  others: { name: string; body: z.infer<typeof jsonObject> }[];
};

/**
 * Stores a credential of the caller's, what it is in each environment, and shares it with projects: all of it or nothing.
 * Throws `forbidden` for a project in which they may not, and `OpenfnRefusal` when the name is taken. Returns its id.
 */
export async function createOpenfnCredential(
  ctx: UserContext,
  input: z.input<typeof newOpenfnCredential>,
  seen: readonly Context[],
): Promise<string> {
  const asked = newOpenfnCredential.parse(input);
  const { main, others } = bodiesOf(asked);
  const projects = linked(seen, asked.project_credentials ?? []);
  const { name, schema } = asked;
  return inOpenfnsWords(() =>
    write(ctx, "own", async (tx) => {
      const within = { ...ctx, db: tx };
      const made = await createCredential(within, { name, body: main, ...(schema ? { schema } : {}) });
      for (const one of others)
        await setCredentialEnvironment(within, { credentialId: made.id, env: one.name, body: one.body });
      for (const project of projects)
        await shareCredential({ ...project, db: tx }, { credentialId: made.id });
      return { result: made.id, audit: null, changed: null };
    }),
  );
}

function bodiesOf({ body, credential_bodies: bodies }: z.output<typeof newOpenfnCredential>): Bodies {
  if (!bodies) {
    if (!body) throw unfit({ credential_bodies: ["can't be blank"] });
    return { main: body, others: [] };
  }
  const main = bodies.find(({ name }) => name === mainEnv)?.body ?? body;
  if (!main || new Set(bodies.map(({ name }) => name)).size < bodies.length)
    throw unfit({ credential_bodies: ["must hold one body named main, and each name once"] });
  return { main, others: bodies.filter(({ name }) => name !== mainEnv) };
}

const onlyMain = "must be one body named main, holding an object";
const eachLink = "must each be an object holding a project_id";

/** What OpenFn's API takes to create or replace a credential under an id. */
const credentialPut = z.object({
  id: z.unknown().optional(),
  name: credentialName,
  owner: z.string().optional(),
  schema: newCredential.shape.schema.unwrap().optional(),
  credential_bodies: z.array(z.strictObject({ name: z.literal(mainEnv), body: jsonObject })).length(1),
  project_credentials: z
    .array(z.strictObject({ project_id: z.uuid() }))
    .max(maxLinks)
    .default([]),
});

/**
 * Creates the caller's credential under an id, or replaces name, schema and main secret of the one that has it, and adds
 * links to projects; links are never taken away. Throws `OpenfnRefusal` for a body that says something else, and for an id
 * or a name that is taken; `forbidden` for another owner, and for projects in which the caller may not share.
 */
export async function putOpenfnCredential(
  ctx: UserContext,
  {
    id,
    body,
    email,
    seen,
  }: { id: string; body: Record<string, unknown>; email: string; seen: readonly Context[] },
): Promise<{ id: string; isNew: boolean }> {
  const asked = readPut(id, body);
  if (asked.owner !== undefined && asked.owner.toLowerCase() !== email.toLowerCase()) throw forbidden();
  const before = await findCredential(ctx, id);
  if (before && before.ownerId !== ctx.actor.userId) throw taken("id_taken");
  const projects = linked(seen, asked.project_credentials);
  const main = asked.credential_bodies[0]?.body ?? {};
  const { name, schema } = asked;
  const values = { name, body: main, ...(schema ? { schema } : {}) };
  await inOpenfnsWords(() =>
    write(ctx, "own", async (tx) => {
      const within = { ...ctx, db: tx };
      if (before) await updateCredential(within, { credentialId: id, ...values });
      else await createCredential(within, values, { id });
      for (const project of projects) await shareCredential({ ...project, db: tx }, { credentialId: id });
      return { result: undefined, audit: null, changed: null };
    }),
  );
  return { id, isNew: !before };
}

function readPut(id: string, body: Record<string, unknown>): z.output<typeof credentialPut> {
  const unknown = Object.keys(body).filter((key) => !(key in credentialPut.shape));
  if (unknown.length > 0) throw unfit(Object.fromEntries(unknown.map((key) => [key, ["is not accepted"]])));
  if (!z.uuid().safeParse(id).success) throw unfit({ id: ["is not a UUID"] });
  if (body.id !== undefined && String(body.id).toLowerCase() !== id.toLowerCase())
    throw unfit({ id: ["does not match the id in the path"] });
  const { success, data, error } = credentialPut.safeParse(body);
  if (success) return data;
  const errors: Record<string, string[]> = {};
  for (const { path, message } of error.issues) {
    const key = String(path[0]);
    errors[key] =
      key === "credential_bodies" ? [onlyMain] : key === "project_credentials" ? [eachLink] : [message];
  }
  throw unfit(errors);
}

/** Deletes one of the caller's own. Throws `forbidden` for somebody else's, `not_found` for none. */
export async function deleteOpenfnCredential(ctx: UserContext, input: { id: string }): Promise<void> {
  const row = await findCredential(ctx, input.id);
  if (!row) throw notFound("The credential");
  if (row.ownerId !== ctx.actor.userId) throw forbidden();
  await deleteCredential(ctx, { credentialId: input.id });
}

/** The projects of these ids, among those that the caller sees, and may share in. */
function linked(seen: readonly Context[], links: readonly { project_id: string }[]): Context[] {
  const ids = [...new Set(links.map((one) => one.project_id.toLowerCase()))];
  return ids.map((id) => {
    const found = seen.find(({ project }) => project.id === id);
    if (!found || !may(found, "credential.use")) throw forbidden();
    return found;
  });
}

const unfit = (errors: OpenfnErrors) => new OpenfnRefusal("invalid", { errors });
const taken = (error: "id_taken" | "name_taken") => new OpenfnRefusal("conflict", { error });

async function inOpenfnsWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (violates(error, "credentials_pkey")) throw taken("id_taken");
    throw error instanceof Refusal && error.code === "conflict" ? taken("name_taken") : error;
  }
}
