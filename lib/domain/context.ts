import type { Db } from "@/db/client";
import type { Announce } from "@/lib/queue/announce";
import type { Role } from "@/lib/words";

/** Who acts. Attribution columns and audit events come from here, never from input. */
export type Actor =
  | { type: "user"; userId: string; label: string }
  | { type: "token"; userId: string; tokenId: string; label: string }
  | RepositoryActor
  | { type: "webhook"; label: string }
  | { type: "system"; label: string };

/** The token of a repository: it is a project's own, and no person stands behind it. */
export type RepositoryActor = { type: "token"; tokenId: string; label: string };

/** What a verb that belongs to no project needs. */
export type UserContext = { actor: Actor & { userId: string }; db: Db; announce: Announce };

/** What a project's verbs need. Made only by `lib/auth/context.ts`, which has checked the membership. */
export type Context = {
  actor: Actor;
  project: { id: string; name: string; deletesAt?: Date | null };
  role: Role;
  db: Db;
  announce: Announce;
  /** The browser's session, when that is what proved it. */
  sessionId?: string;
};

export const actorUserId = (actor: Actor): string | null => ("userId" in actor ? actor.userId : null);

export const isRepository = (actor: Actor): boolean => actor.type === "token" && !("userId" in actor);
