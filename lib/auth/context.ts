import { cookies, headers } from "next/headers";
import { redirect, notFound as showNotFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { type Db, database } from "@/db/client";
import type { Context, RepositoryActor, UserContext } from "@/lib/domain/context";
import { contextsOf } from "@/lib/domain/member/contexts";
import { findMembership, type Membership } from "@/lib/domain/member/find-role";
import type { Bound } from "@/lib/domain/project/create";
import { repositoryPrefix } from "@/lib/domain/project-token/create";
import { resolveProjectToken } from "@/lib/domain/project-token/resolve";
import { resolveHalfSession, resolveSession, type SignedInUser } from "@/lib/domain/session/resolve";
import { resolveToken } from "@/lib/domain/token/resolve";
import { announce } from "@/lib/live/shared";
import type { Announce } from "@/lib/queue/announce";
import { notFound, Refusal } from "@/lib/refusal";
import type { TokenScope } from "@/lib/words";
import { readCookie, sessionCookieName, sessionIdOf } from "./cookie";

/**
 * A user context that also says what proved it: a session, or an API token with its scopes, which may touch no project
 * but those in `boundTo`.
 */
export type Caller = UserContext &
  Bound & { sessionId?: string; authenticatedAt?: Date; scopes?: readonly TokenScope[] };

/** A repository's token: it is its project's own, and works as an admin of it as far as its scopes let it. */
export type RepositoryCaller = {
  actor: RepositoryActor;
  db: Db;
  announce: Announce;
  scopes: readonly TokenScope[];
  ofProject: Membership["project"];
};

/** Whoever calls: a person, in a browser or with a token, or a repository. */
export type AnyCaller = Caller | RepositoryCaller;

export type PageUser = { id: string; email: string; name: string | null };

/** The API token that a request brings; undefined when it brings none. */
export const bearerOf = (request: Request): string | undefined =>
  /^bearer\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];

const badToken =
  "This API token is unknown, expired or revoked. Create another one on your account page, or for a repository in its project's settings.";

/**
 * Who calls a route handler. Throws `unauthenticated` when neither a session nor a token says so, `forbidden` for somebody
 * whose account is being deleted, unless it is about that.
 */
export async function authenticate(
  request: Request,
  { isForLeaving = false }: { isForLeaving?: boolean } = {},
): Promise<AnyCaller> {
  const { db } = database();
  const bearer = bearerOf(request);
  if (bearer?.startsWith(repositoryPrefix)) return repositoryOf(db, bearer);
  if (bearer) {
    const token = await resolveToken(db, bearer);
    if (!token) throw new Refusal("unauthenticated", badToken);
    return {
      actor: {
        type: "token",
        userId: token.user.id,
        tokenId: token.id,
        label: `${token.user.email} (${token.name})`,
      },
      db,
      announce,
      scopes: token.scopes,
      ...(token.projectIds ? { boundTo: token.projectIds } : {}),
    };
  }
  const sessionId = await sessionIdOf(readCookie(request.headers.get("cookie"), sessionCookieName()));
  const user = sessionId ? await resolveSession(db, sessionId) : undefined;
  if (!user)
    throw new Refusal("unauthenticated", "Sign in, or send an API token as `Authorization: Bearer …`.");
  if (user.deletesAt && !isForLeaving)
    throw new Refusal("forbidden", "Your account is being deleted. Undo that first: sign in with a browser.");
  return { ...userContextOf(user), sessionId: user.sessionId, authenticatedAt: user.authenticatedAt };
}

async function repositoryOf(db: Db, bearer: string): Promise<RepositoryCaller> {
  const token = await resolveProjectToken(db, bearer);
  if (!token) throw new Refusal("unauthenticated", badToken);
  const { id, name, scopes, project } = token;
  const actor: RepositoryActor = { type: "token", tokenId: id, label: `repository ${name}` };
  return { actor, db, announce, scopes, ofProject: project };
}

const userContextOf = (user: SignedInUser): UserContext => ({
  actor: { type: "user", userId: user.id, label: user.email },
  db: database().db,
  announce,
});

/**
 * The caller of a route that belongs to no project. Throws `unauthenticated`, and `not_found` for a token that is
 * bound to chosen projects or is a repository's.
 */
export async function userContext(request: Request, options?: { isForLeaving?: boolean }): Promise<Caller> {
  const caller = await authenticate(request, options);
  if ("ofProject" in caller)
    throw new Refusal("not_found", "A repository's token works in its project only.");
  if (caller.boundTo) throw new Refusal("not_found", "This API token works in chosen projects only.");
  return caller;
}

/** The caller of a project's route, who is a member or the project's own token. Strangers, foreign tokens and unknown ids are `not_found`. */
export async function projectContext(
  request: Request,
  projectId: string,
): Promise<Context & { caller: AnyCaller }> {
  const caller = await authenticate(request);
  return { ...(await callersContext(caller, projectId)), caller };
}

/** The context of a project that a caller is a member of or that a token is the own of. Any other is `not_found`. */
export async function callersContext(caller: AnyCaller, projectId: string): Promise<Context> {
  if ("ofProject" in caller) {
    const { ofProject: project, actor, db, announce } = caller;
    if (project.id !== projectId.toLowerCase()) throw notFound("The project");
    return { actor, db, announce, project, role: "admin" };
  }
  const isOutside = caller.boundTo !== undefined && !caller.boundTo.includes(projectId.toLowerCase());
  const membership = isOutside ? undefined : await membershipOf(caller, projectId);
  if (!membership) throw notFound("The project");
  if (membership.needsSecondFactor)
    throw new Refusal(
      "forbidden",
      `${membership.project.name} asks its collaborators for a second factor. Set one up on your account page; API tokens work again from then on.`,
      { requires: ["second_factor"] },
    );
  return memberContext(caller, membership);
}

/** The contexts of every project that is open to a caller, by their names. */
export async function callersContexts(caller: AnyCaller): Promise<Context[]> {
  return "ofProject" in caller ? [await callersContext(caller, caller.ofProject.id)] : contextsOf(caller);
}

async function membershipOf(caller: Caller, projectId: string): Promise<Membership | undefined> {
  if (!z.uuid().safeParse(projectId).success) return undefined;
  return findMembership(caller.db, caller.actor.userId, projectId);
}

function memberContext(caller: Caller, { project, role }: Membership): Context {
  const { actor, db, announce, sessionId } = caller;
  return { actor, db, announce, ...(sessionId ? { sessionId } : {}), project, role };
}

/** The signed-in user of a page, or null. Read once a request. */
export const currentUser = cache(async (): Promise<SignedInUser | null> => {
  const sessionId = await sessionIdOf((await cookies()).get(sessionCookieName())?.value);
  return (sessionId ? await resolveSession(database().db, sessionId) : undefined) ?? null;
});

/** The user of a sign-in that waits for its second step, or null. */
export const halfSignedIn = cache(async () => {
  const sessionId = await sessionIdOf((await cookies()).get(sessionCookieName())?.value);
  return (sessionId ? await resolveHalfSession(database().db, sessionId) : undefined) ?? null;
});

/** The user of a page that needs one. Redirects to the sign-in page, which leads back. */
export const pageUser = cache(async (): Promise<UserContext & { user: PageUser; sessionId: string }> => {
  const user = await currentUser();
  if (!user) return redirectToSignIn();
  if (user.deletesAt) redirect("/leaving");
  const { id, email, name, sessionId } = user;
  return { ...userContextOf(user), user: { id, email, name }, sessionId };
});

/**
 * The context of a page below /p/[project]. Redirects the signed-out, answers strangers with the 404 page, and leads who
 * lacks the second factor that the project asks for to the one page that says so.
 */
export const pageProject = cache(async (projectId: string): Promise<Context> => {
  const caller = await pageUser();
  const membership = (await membershipOf(caller, projectId)) ?? showNotFound();
  if (membership.needsSecondFactor) redirect(`/second-factor/${projectId}`);
  return memberContext(caller, membership);
});

/** The project that a member is kept out of; null when nothing keeps them out. The 404 page for strangers. */
export const pageClosedProject = async (projectId: string): Promise<{ name: string } | null> => {
  const membership = (await membershipOf(await pageUser(), projectId)) ?? showNotFound();
  return membership.needsSecondFactor ? { name: membership.project.name } : null;
};

/** `x-waybill-path` is set by our own server; without it the sign-in page leads to the project list. */
async function redirectToSignIn(): Promise<never> {
  const path = (await headers()).get("x-waybill-path");
  redirect(path && path !== "/" ? `/sign-in?next=${encodeURIComponent(path)}` : "/sign-in");
}
