import { type AnyCaller, callersContexts } from "@/lib/auth/context";
import type { Context, UserContext } from "@/lib/domain/context";
import { forbidden } from "@/lib/refusal";

/**
 * Whoever's credentials these are, and the projects that they see. Throws `forbidden` for a repository's token, and for one
 * that is bound to chosen projects: credentials are their person's, in all of their projects.
 */
export async function personOf(caller: AnyCaller): Promise<{ ctx: UserContext; seen: Context[] }> {
  if ("ofProject" in caller || caller.boundTo) throw forbidden();
  return { ctx: caller, seen: await callersContexts(caller) };
}

/** Throws `forbidden` for a browser: what changes credentials there asks its person to have signed in recently. */
export function withToken(caller: AnyCaller): AnyCaller {
  if (!caller.scopes) throw forbidden("This takes API tokens. In a browser, use /api/account/credentials.");
  return caller;
}
