import type { Db } from "@/db/client";
import { type AnyCaller, authenticate, bearerOf, callersContext } from "@/lib/auth/context";
import {
  type FoundCollection,
  findCollection,
  findTheirCollections,
  isCollectionAnywhere,
} from "@/lib/domain/collection/find";
import type { Context } from "@/lib/domain/context";
import { can, may } from "@/lib/domain/permissions";
import { isProject } from "@/lib/http/openfn";
import { Refusal } from "@/lib/refusal";
import type { Door, Named } from "./door";
import { ambiguous, missing, Problem, unauthorized } from "./problem";
import { runDoor } from "./run-door";
import { runTokenPrefix } from "./run-token";

/** Who brings an API token, a repository's or a run's. Throws a `Problem` for who brings none, or one that is not good. */
export async function callerDoor(request: Request, db: Db): Promise<Door> {
  const token = bearerOf(request);
  if (!token) throw unauthorized();
  if (token.startsWith(runTokenPrefix)) return runDoor(db, token);
  const caller = await authenticate(request).catch(refused);
  return {
    async open(named, need) {
      requireOneScope(caller, need);
      const collection = await find(db, caller, named);
      const access = await callersContext(caller, collection.projectId).catch(refused);
      requireRole(access, need);
      return { access, collection };
    },
  };
}

/** `read` reads; `write` and `run` change: items are settings to some, and what jobs work with to others. */
function requireOneScope({ scopes }: AnyCaller, need: "read" | "change"): void {
  const wanted = need === "read" ? (["read"] as const) : (["write", "run"] as const);
  if (!scopes || wanted.some((scope) => scopes.includes(scope))) return;
  const message = `This API token lacks the scope "${wanted.join('" or "')}".`;
  throw new Problem(403, { error: "Forbidden", message });
}

function requireRole(ctx: Context, need: "read" | "change"): void {
  if (need === "read" ? !can(ctx.role, "collection.read") : !may(ctx, "collection.write"))
    throw unauthorized();
}

async function find(db: Db, caller: AnyCaller, { name, projectId }: Named): Promise<FoundCollection> {
  if (projectId !== undefined) {
    // Whether a project of somebody else's has it is nobody's business; that there is no such project is no secret.
    await callersContext(caller, projectId).catch(async (error: unknown) => {
      if (isNotTheirs(error) && !(await isProject(caller, projectId))) throw missing();
      return refused(error);
    });
    const found = await findCollection(db, projectId, name);
    if (!found) throw missing();
    return found;
  }
  const found = await theirs(db, caller, name);
  const [one, another] = found;
  if (another) throw ambiguous();
  if (one) return one;
  throw (await isCollectionAnywhere(db, name)) ? unauthorized() : missing();
}

async function theirs(db: Db, caller: AnyCaller, name: string): Promise<FoundCollection[]> {
  if ("ofProject" in caller) {
    const found = await findCollection(db, caller.ofProject.id, name);
    return found ? [found] : [];
  }
  return findTheirCollections(db, caller.actor.userId, name, caller.boundTo);
}

/** OpenFn's answer to whoever may not, whatever the reason. */
function refused(error: unknown): never {
  if (isNotTheirs(error)) throw unauthorized();
  throw error;
}

const isNotTheirs = (error: unknown): boolean =>
  error instanceof Refusal && ["unauthenticated", "forbidden", "not_found"].includes(error.code);
