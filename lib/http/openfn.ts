import { eq } from "drizzle-orm";
import { z } from "zod";
import { projects } from "@/db/schema";
import { type AnyCaller, authenticate, callersContext } from "@/lib/auth/context";
import type { Context } from "@/lib/domain/context";
import { type Permission, requirePermission } from "@/lib/domain/permissions";
import { extensionsHeader } from "@/lib/portability/extensions-header";
import { forbidden, Refusal } from "@/lib/refusal";
import type { Answer, Declaration, Scoped, Shape } from "./declaration";
import { build, type Handle, type RouteHandler } from "./route";
import { requireScope } from "./scope";

/**
 * A route of OpenFn's own API: its refusals look as OpenFn's tools expect, and a token that is bound to chosen projects,
 * or a repository's, may call it. The handler says which project it is about (`openfnProject`).
 */
export function openfnRoute<R extends Answer, Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Omit<Declaration<Q, B, R>, "errorShape"> & Scoped,
  handle: Handle<AnyCaller, Q, B, R>,
): RouteHandler<Q, B, R> {
  const route = build(
    { ...declaration, errorShape: "openfn", access: "user" },
    async (request) => {
      const caller = await authenticate(request);
      requireScope(caller, declaration);
      return { ctx: caller, caller };
    },
    handle,
  );
  // Refusals say it, too: whoever makes a new project asks for it first, and gets 404.
  const answer: typeof route = Object.assign(
    async (...call: Parameters<typeof route>) => {
      const response = await route(...call);
      response.headers.set(extensionsHeader, "true");
      return response;
    },
    { declaration: route.declaration },
  );
  return answer;
}

/**
 * The project that a call of OpenFn's API is about. Throws as OpenFn does, unlike our own routes: `forbidden` where there
 * is such a project and the caller may not do this in it, `not_found` where there is none.
 */
export async function openfnProject(
  caller: AnyCaller,
  projectId: string,
  permission: Permission,
): Promise<Context> {
  const ctx = await knownContext(caller, projectId);
  requirePermission(ctx, permission);
  return ctx;
}

async function knownContext(caller: AnyCaller, projectId: string): Promise<Context> {
  try {
    return await callersContext(caller, projectId);
  } catch (error) {
    const isStranger = error instanceof Refusal && error.code === "not_found";
    if (isStranger && (await isProject(caller, projectId))) throw forbidden();
    throw error;
  }
}

/** Whether there is a project of this id, whoever asks: an id is no secret. */
export async function isProject({ db }: AnyCaller, projectId: string): Promise<boolean> {
  if (!z.uuid().safeParse(projectId).success) return false;
  return (await db.$count(projects, eq(projects.id, projectId))) > 0;
}
