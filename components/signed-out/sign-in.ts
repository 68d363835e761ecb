import { reach } from "./session";

/*
 * The browser's side of next-auth, without its client: that weighs twenty times as much, for sessions that pages do not keep.
 */

type Fields = { email?: string; password?: string; callbackUrl?: string };

async function post(path: string, fields: Fields): Promise<{ isOk: boolean; url: string }> {
  const { csrfToken }: { csrfToken: string } = await (await reach("/api/auth/csrf")).json();
  const answer = await reach(`/api/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ callbackUrl: location.href, ...fields, csrfToken, json: "true" }),
  });
  const { url }: { url: string } = await answer.json();
  return { isOk: answer.ok, url };
}

/** Signs in with a password, or asks for a link by mail. The code of what went wrong, or null; throws without a connection. */
export async function signIn(way: "credentials" | "email", fields: Fields): Promise<string | null> {
  const { isOk, url } = await post(way === "credentials" ? "callback/credentials" : "signin/email", fields);
  return new URL(url).searchParams.get("error") ?? (isOk ? null : "failed");
}

/** Leaves for a provider, which leads back to `callbackUrl`. */
export async function goToProvider(id: string, callbackUrl: string): Promise<void> {
  location.assign((await post(`signin/${encodeURIComponent(id)}`, { callbackUrl })).url);
}

/** Ends the session of this browser. Throws without a connection. */
export async function signOut(): Promise<void> {
  await post("signout", {});
}
