/** Where a request was sent, as its sender wrote it: the origin that it uses, and path and query as they came. */
export type SentTo = { origin: string; path: string; search: string };

type Signed = { headers: Record<string, string>; body: Uint8Array; sentTo?: SentTo | undefined };

/**
 * What Twilio signs (https://www.twilio.com/docs/usage/security): the address that it was told, and behind it a form's
 * fields, sorted by name; any other body is signed by its SHA-256, which then stands in the query. Several texts, because
 * Twilio names the standard port in some of its products and not in others. Null when the body is under no signature.
 */
export async function twilioContents({ headers, body, sentTo }: Signed): Promise<string[] | null> {
  const fields = sentTo && (await signedFields(headers["content-type"] ?? "", body, sentTo.search));
  if (!sentTo || fields === null) return null;
  return origins(sentTo.origin).map((origin) => `${origin}${sentTo.path}${sentTo.search}${fields}`);
}

async function signedFields(type: string, body: Uint8Array, search: string): Promise<string | null> {
  const hash = new URLSearchParams(search).get("bodySHA256");
  if (hash !== null) return (await sha256(body)) === hash.toLowerCase() ? "" : null;
  if (body.length === 0) return "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type.trim())) return null;
  return sortedFields(new URLSearchParams(new TextDecoder().decode(body)));
}

/** Names in the order of their characters' codes; of a name that comes several times each value once, sorted too. */
function sortedFields(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort();
  return names
    .flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => `${name}${value}`))
    .join("");
}

/** The origin without and with its port. */
function origins(origin: string): string[] {
  const { protocol, hostname, port } = new URL(origin);
  const standard = protocol === "https:" ? "443" : "80";
  return [`${protocol}//${hostname}`, `${protocol}//${hostname}:${port || standard}`].filter(
    (one) => port === "" || one.endsWith(`:${port}`),
  );
}

async function sha256(body: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(body)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
