import { z } from "zod";
import type { Context, UserContext } from "@/lib/domain/context";
import { createInvitation, invitableRoles } from "@/lib/domain/invitation/create";
import { type Bound, createProject, ownerContext } from "@/lib/domain/project/create";
import { newProject } from "@/lib/domain/project/schemas";
import { updateProject } from "@/lib/domain/project/update";
import { emailInput } from "@/lib/domain/user/schemas";
import { type OpenfnErrors, OpenfnRefusal } from "@/lib/openfn-refusal";
import { Refusal } from "@/lib/refusal";

const known = ["id", "name", "description", "members", "notify"];
/** Whoever makes a project owns it; others are invited. */
const maxMembers = 10;
const eachMember = "each member needs an email and a role of owner, admin, editor, viewer";

type Body = Record<string, unknown>;

const putFields = z.object({
  name: newProject.shape.name,
  description: newProject.shape.description,
  notify: z.boolean().optional(),
});

type Asked = z.output<typeof putFields> & { others: Member[] };
type Member = { email: string; role: (typeof invitableRoles)[number] };

/** What a PUT says of the project; its members, and whether they are told, where `email` makes it. Throws `OpenfnRefusal` in OpenFn's words, which never say an e-mail address. */
function readPut(id: string, body: Body, email: string | null): Asked {
  const unknown = Object.keys(body).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw unfit(Object.fromEntries(unknown.map((key) => [key, ["is not accepted"]])));
  if (!z.uuid().safeParse(id).success) throw unfit({ id: ["is not a UUID"] });
  if (body.id !== undefined && String(body.id).toLowerCase() !== id.toLowerCase())
    throw unfit({ id: ["does not match the id in the path"] });
  const { success, data, error } = putFields.safeParse(body);
  if (!success) {
    const errors: Record<string, string[]> = {};
    for (const { path, message } of error.issues) errors[String(path[0])] = [message];
    throw unfit(errors);
  }
  const others = email === null ? [] : othersIn(body.members, email);
  if (data.notify === false && others.length > 0)
    throw unfit({ notify: ["members are invited by mail: leave it out, or say true"] });
  return { ...data, others };
}

function othersIn(said: unknown, email: string): Member[] {
  const list = z
    .array(z.object({ email: emailInput, role: z.enum(["owner", ...invitableRoles]) }))
    .max(maxMembers)
    .safeParse(said ?? []);
  if (!list.success) throw unfit({ members: [eachMember] });
  const emails = list.data.map((one) => one.email.toLowerCase());
  if (new Set(emails).size < emails.length) throw unfit({ members: ["names one user more than once"] });
  const others = list.data.filter((one) => one.email.toLowerCase() !== email.toLowerCase());
  return others.map(({ email: of, role }) => {
    if (role === "owner")
      throw unfit({ members: ["whoever makes a project owns it; hand it over afterwards"] });
    return { email: of, role };
  });
}

/** Replaces name and description of a project; its members stay as they are. */
export async function replaceProject(ctx: Context, { id, body }: { id: string; body: Body }): Promise<void> {
  const { name, description = null } = readPut(id, body, null);
  await updateProject(ctx, { name, description });
}

/** Makes a project under an id, owned by the caller; the other members are invited. */
export async function createProjectAt(
  ctx: UserContext & Bound,
  { id, body, email }: { id: string; body: Body; email: string },
): Promise<Context> {
  const { name, description = null, others } = readPut(id, body, email);
  const made = await make(ctx, { id: id.toLowerCase(), name, description });
  for (const member of others) await createInvitation(made, member);
  return made;
}

async function make(ctx: UserContext & Bound, input: z.input<typeof newProject>): Promise<Context> {
  try {
    return ownerContext(ctx, await createProject(ctx, input));
  } catch (error) {
    if (error instanceof Refusal && error.code === "conflict")
      throw unfit({ id: ["has already been taken"] });
    throw error;
  }
}

const unfit = (errors: OpenfnErrors) => new OpenfnRefusal("invalid", { errors });
