import { authenticate, type Caller, callersContext } from "@/lib/auth/context";
import type { Context } from "@/lib/domain/context";
import { type Permission, requirePermission } from "@/lib/domain/permissions";
import { forbidden } from "@/lib/refusal";
import type { Answer, Declaration, Scoped, Shape } from "./declaration";
import { isProject } from "./openfn";
import { build, type Handle, type RouteHandler } from "./route";
import { requireScope } from "./scope";

/**
 * A route at a project's address that may make the project, too. A token that is bound to chosen projects, and a
 * repository's, neither makes nor replaces one, and is `not_found` elsewhere than in its projects.
 */
export function openfnPutRoute<R extends Answer, Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Omit<Declaration<Q, B, R>, "errorShape"> & Scoped & { permission: Permission },
  handle: Handle<Caller, Q, B, R>,
): RouteHandler<Q, B, R> {
  return build(
    { ...declaration, errorShape: "openfn", access: "project" },
    async (request, params) => {
      const caller = await authenticate(request);
      if ("ofProject" in caller || caller.boundTo) {
        await callersContext(caller, params.project ?? "");
        requireScope(caller, declaration);
        throw forbidden();
      }
      const known = await knownProject(caller, params.project ?? "");
      requireScope(caller, declaration);
      if (known) requirePermission(known, declaration.permission);
      return { ctx: caller, caller };
    },
    handle,
  );
}

/** The context of a project that there is; undefined where there is none. Throws `not_found` for strangers. */
export async function knownProject(caller: Caller, id: string): Promise<Context | undefined> {
  return (await isProject(caller, id)) ? callersContext(caller, id) : undefined;
}
