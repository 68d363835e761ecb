import { unreachable } from "./problem";

/*
 * Not by `api`: there, a call that nobody is signed in for waits for this very dialog.
 */

/** A text at a path of what the server answered; undefined where there is none. Every page loads this: by hand it is small. */
function textAt(answer: unknown, ...path: string[]): string | undefined {
  let value = answer;
  for (const key of path) value = value instanceof Object ? Reflect.get(value, key) : undefined;
  return typeof value === "string" ? value : undefined;
}

const patienceMs = 30_000;

/** An answer of the server, whatever it is. Throws an Error whose message is for the person at the screen. */
export const reach = async (path: string, init?: RequestInit): Promise<Response> => {
  try {
    return await fetch(path, { ...init, signal: AbortSignal.timeout(patienceMs) });
  } catch {
    throw new Error(unreachable);
  }
};

/** The id of who this browser is signed in as; null for nobody. */
export async function whoIsSignedIn(): Promise<string | null> {
  const answer = await reach("/api/account/reauthentication", { cache: "no-store" });
  if (answer.status === 401) return null;
  const userId = textAt(await answer.json().catch(() => null), "userId");
  if (userId === undefined) throw new Error(`The server answered ${answer.status}. Try again in a moment.`);
  return userId;
}

/** Ends a sign-in with a code of the second factor. Throws an Error whose message is for the person at the screen. */
export async function sendCode(code: string): Promise<void> {
  const answer = await reach("/api/auth/second-step", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (answer.ok) return;
  const why = textAt(await answer.json().catch(() => null), "error", "message");
  throw new Error(why ?? "The code could not be checked. Try again in a moment.");
}
