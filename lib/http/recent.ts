import { Refusal } from "@/lib/refusal";
import type { TokenScope } from "@/lib/words";
import type { Declaration } from "./declaration";
import { recentMinutes, sensitiveActs } from "./sensitive";

/** Whether this moment, of a session, was recent enough. */
export const isRecent = (authenticatedAt: Date): boolean =>
  Date.now() - authenticatedAt.getTime() < recentMinutes * 60_000;

type Prover = { scopes?: readonly TokenScope[]; authenticatedAt?: Date };

/**
 * Throws `reauthenticate` for a session whose person has not proved to be there recently, and `forbidden` for an API
 * token, where the call is an act that needs it.
 */
export function requireRecent<B>(caller: Prover, declaration: Declaration, body: B): void {
  for (const rule of declaration.sensitive ?? []) {
    const act = typeof rule === "string" ? rule : rule.act;
    if (typeof rule !== "string" && !rule.when(body)) continue;
    const { does, token } = sensitiveActs[act];
    if (caller.scopes) {
      if (!token)
        throw new Refusal(
          "forbidden",
          `No API token can ${does}, whatever its scopes. Sign in with a browser.`,
          { scope: ["browser"] },
        );
    } else if (!caller.authenticatedAt || !isRecent(caller.authenticatedAt))
      throw new Refusal(
        "reauthenticate",
        `Show that it is you to ${does}: you signed in more than ${recentMinutes} minutes ago.`,
        { act: [act], does: [does] },
      );
  }
}
