import { edgeInboxHost } from "@/lib/inbox/edge-host";
import { acceptFetch } from "@/lib/inbox/fetch";

export const runtime = "edge";

/** The inbox for Vercel + Neon: the same `accept`, the database over HTTP. Deleting this file is the whole removal. */
const inbox = async (request: Request) => acceptFetch(request, "/edge/i/", await edgeInboxHost());

export { inbox as GET, inbox as HEAD, inbox as OPTIONS, inbox as POST };
