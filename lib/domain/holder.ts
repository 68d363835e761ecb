import type { Holder } from "@/lib/live/access";
import { actorUserId, type Context } from "./context";

/** What an answer that goes on for a while rides on. */
export const holderOf = ({ project, actor, sessionId }: Context): Holder => ({
  projectId: project.id,
  userId: actorUserId(actor),
  tokenId: actor.type === "token" ? actor.tokenId : null,
  sessionId: sessionId ?? null,
});
