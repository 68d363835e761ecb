import { edgeInboxHost } from "@/lib/inbox/edge-host";
import { acceptFetch } from "@/lib/inbox/fetch";
import { mendJsonParse } from "@/lib/json-keys";

export const runtime = "edge";

mendJsonParse();

const off =
  "The edge inbox needs a database on Neon, or EDGE_DATABASE_FETCH_URL. Send to /i/ instead of /edge/i/.";

/** The inbox for Vercel + Neon: the same `accept`, the database over HTTP. Deleting this file is the whole removal. */
async function inbox(request: Request): Promise<Response> {
  const host = await edgeInboxHost();
  // Next's server puts an edge route's own parameter into the query, over one of the sender's of that name.
  return host
    ? acceptFetch(request, "/edge/i/", host, { addedParameter: "inboxPath" })
    : Response.json({ error: off }, { status: 404 });
}

export {
  inbox as DELETE,
  inbox as GET,
  inbox as HEAD,
  inbox as OPTIONS,
  inbox as PATCH,
  inbox as POST,
  inbox as PUT,
};
