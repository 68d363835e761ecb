import { acceptFetch } from "@/lib/inbox/fetch";
import { nodeInboxHost } from "@/lib/inbox/host";

const inbox = async (request: Request) => acceptFetch(request, "/i/", await nodeInboxHost());

export { inbox as GET, inbox as HEAD, inbox as OPTIONS, inbox as POST };
