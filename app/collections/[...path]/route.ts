import { database } from "@/db/client";
import { answerCollections } from "@/lib/collections/answer";
import { callerDoor } from "@/lib/collections/caller-door";

/** OpenFn's collections API. It has addresses, versions and answers of its own, so it is none of the declared routes. */
const collections = (request: Request): Promise<Response> =>
  answerCollections(request, () => callerDoor(request, database().db));

export { collections as DELETE, collections as GET, collections as POST, collections as PUT };
