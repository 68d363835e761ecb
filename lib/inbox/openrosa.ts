import type { InboxAnswer } from "./answer";

/**
 * An answer as OpenRosa's form clients (ODK Collect, KoBoCollect) expect it: 204 to the HEAD by which they ask whether they
 * may submit here, 201 to what is stored, and how much is taken at once. `isStored`: a message was committed, now or before.
 */
export function inOpenRosa(
  { accepted, ...answer }: InboxAnswer,
  { method, isStored, maxBodyBytes }: { method: string; isStored: boolean; maxBodyBytes: number },
): InboxAnswer {
  const headers = {
    ...answer.headers,
    "x-openrosa-version": "1.0",
    "x-openrosa-accept-content-length": String(maxBodyBytes),
    date: new Date().toUTCString(),
  };
  if (isStored)
    return {
      status: 201,
      headers: { ...headers, "content-type": "text/xml; charset=utf-8" },
      body: '<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message nature="submit_success">The form was received.</message></OpenRosaResponse>',
      ...(accepted ? { accepted } : {}),
    };
  if (method === "HEAD" && answer.status === 200) {
    const { "content-type": _, ...bare } = headers as Record<string, string>;
    return { status: 204, headers: bare, body: "" };
  }
  // These clients send their password when they are asked for it.
  const asks = answer.status === 401 ? { "www-authenticate": 'Basic realm="Waybill", charset="UTF-8"' } : {};
  return { ...answer, headers: { ...headers, ...asks } };
}
