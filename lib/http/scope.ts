import { Refusal } from "@/lib/refusal";
import type { TokenScope } from "@/lib/words";
import type { Scoped } from "./declaration";

/**
 * Throws `forbidden`, naming the scope that is missing, for an API token that may not call the route. A session has no
 * scopes: its person's role decides alone.
 */
export function requireScope(caller: { scopes?: readonly TokenScope[] }, { scope }: Scoped): void {
  if (!caller.scopes) return;
  if (scope === "browser")
    throw new Refusal("forbidden", "No API token can do this, whatever its scopes. Sign in with a browser.", {
      scope: ["browser"],
    });
  if (!caller.scopes.includes(scope))
    throw new Refusal(
      "forbidden",
      `This API token lacks the scope "${scope}". Make one that has it where this one was made.`,
      { scope: [scope] },
    );
}
