import { acceptFetch } from "@/lib/inbox/fetch";
import { nodeInboxHost } from "@/lib/inbox/host";

/** The inbox where Next is the server. Ours answers `/i/` in a process before it (lib/processes/inbox.ts). */
const inbox = async (request: Request) => acceptFetch(request, "/i/", await nodeInboxHost());

export {
  inbox as DELETE,
  inbox as GET,
  inbox as HEAD,
  inbox as OPTIONS,
  inbox as PATCH,
  inbox as POST,
  inbox as PUT,
};
