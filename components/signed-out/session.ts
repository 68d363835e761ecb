import { z } from "zod";

/*
 * Not by `api`: there, a call that nobody is signed in for waits for this very dialog.
 */

const signedIn = z.object({ userId: z.string() });
const refused = z.object({ error: z.object({ message: z.string() }) });

const patienceMs = 30_000;

const reach = async (path: string, init?: RequestInit): Promise<Response> => {
  try {
    return await fetch(path, { ...init, signal: AbortSignal.timeout(patienceMs) });
  } catch {
    throw new Error("The server cannot be reached. Check the connection and try again.");
  }
};

/** The id of who this browser is signed in as; null for nobody. */
export async function whoIsSignedIn(): Promise<string | null> {
  const answer = await reach("/api/account/reauthentication", { cache: "no-store" });
  if (answer.status === 401) return null;
  const found = signedIn.safeParse(await answer.json().catch(() => null));
  if (!found.success) throw new Error(`The server answered ${answer.status}. Try again in a moment.`);
  return found.data.userId;
}

/** Ends a sign-in with a code of the second factor. Throws an Error whose message is for the person at the screen. */
export async function sendCode(code: string): Promise<void> {
  const answer = await reach("/api/auth/second-step", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (answer.ok) return;
  const why = refused.safeParse(await answer.json().catch(() => null));
  throw new Error(
    why.success ? why.data.error.message : "The code could not be checked. Try again in a moment.",
  );
}
