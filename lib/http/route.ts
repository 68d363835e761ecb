import type { NextRequest } from "next/server";
import { z } from "zod";
import { asWork, type Work } from "@/db/deadline";
import {
  type AnyCaller,
  authenticate,
  bearerOf,
  type Caller,
  projectContext,
  userContext,
} from "@/lib/auth/context";
import type { Context } from "@/lib/domain/context";
import { type Permission, requirePermission } from "@/lib/domain/permissions";
import { Refusal } from "@/lib/refusal";
import { checkedJson } from "./contract";
import {
  type Access,
  type Answer,
  type Declaration,
  isSchema,
  type Parsed,
  Reply,
  type Returned,
  type Scoped,
  type Shape,
  statusesOf,
} from "./declaration";
import { errorResponse } from "./errors";
import { parseBody, readJson, readQuery } from "./input";
import { openfnErrorResponse } from "./openfn-errors";
import { requireRecent } from "./recent";
import { requireScope } from "./scope";

type Params = Record<string, string>;

type Call<C, Q extends Shape, B extends Shape> = {
  ctx: C;
  params: Params;
  query: Parsed<Q>;
  body: Parsed<B>;
  request: NextRequest;
};

export type Handle<C, Q extends Shape, B extends Shape, R extends Answer> = (
  call: Call<C, Q, B>,
) => Promise<Returned<R>>;

export type RouteHandler<Q extends Shape = Shape, B extends Shape = Shape, R extends Answer = Answer> = ((
  request: NextRequest,
  segment: { params: Promise<Params> },
) => Promise<Response>) & { declaration: Declaration<Q, B, R> & Access };

/**
 * A route below a project (`[project]` is its id). Resolves session or token, membership, permission; strangers get 404.
 * What the handler returns is sent as JSON, a Response as it is.
 */
export function projectRoute<R extends Answer, Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Declaration<Q, B, R> & Scoped & { permission: Permission },
  handle: Handle<Context, Q, B, R>,
): RouteHandler<Q, B, R> {
  return build(
    { ...declaration, access: "project" },
    async (request, params) => {
      const { caller, ...ctx } = await projectContext(request, params.project ?? "");
      requireScope(caller, declaration);
      requirePermission(ctx, declaration.permission);
      return { ctx, caller };
    },
    handle,
  );
}

/** A route for anybody who is signed in. */
export function userRoute<R extends Answer, Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Declaration<Q, B, R> & Scoped,
  handle: Handle<Caller, Q, B, R>,
): RouteHandler<Q, B, R> {
  return build(
    { ...declaration, access: "user" },
    async (request) => {
      const caller = await userContext(request, declaration);
      requireScope(caller, declaration);
      return { ctx: caller, caller };
    },
    handle,
  );
}

/** A route for anybody who is signed in, for tokens that are bound to chosen projects, and for repositories' tokens. */
export function callerRoute<R extends Answer, Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Declaration<Q, B, R> & Scoped,
  handle: Handle<AnyCaller, Q, B, R>,
): RouteHandler<Q, B, R> {
  return build(
    { ...declaration, access: "user" },
    async (request) => {
      const caller = await authenticate(request, declaration);
      requireScope(caller, declaration);
      return { ctx: caller, caller };
    },
    handle,
  );
}

/** A route that anybody may call. */
export function publicRoute<R extends Answer, Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Declaration<Q, B, R>,
  handle: Handle<null, Q, B, R>,
): RouteHandler<Q, B, R> {
  return build({ ...declaration, access: "public" }, async () => ({ ctx: null }), handle);
}

/** A route of which `authorise` says who may call it. The builders above and in lib/http/openfn.ts are made of it. */
export function build<C, Q extends Shape, B extends Shape, R extends Answer>(
  declaration: Declaration<Q, B, R> & Access,
  authorise: (request: NextRequest, params: Params) => Promise<{ ctx: C; caller?: AnyCaller }>,
  handle: Handle<C, Q, B, R>,
): RouteHandler<Q, B, R> {
  const answer = async (request: NextRequest, segment: { params: Promise<Params> }) => {
    let isOpenfns = declaration.errorShape === "openfn";
    try {
      const params = await segment.params;
      refuseForeignOrigin(request);
      const { ctx, caller } = await authorise(request, params);
      const query = readQuery(declaration.query, request.nextUrl.searchParams);
      const size = declaration.isLarge ? "largeRequestBytes" : "requestBytes";
      const said = await readJson(request, size, declaration.isExact);
      const { openfn } = declaration;
      if (openfn && bearerOf(request) && openfn.isMeant(said)) {
        isOpenfns = true;
        // Only a project's route has such a body, and its context is a project's.
        const call = { ctx: ctx as Context, params, body: parseBody(openfn.body, said) };
        return respond({ ...declaration, response: openfn.response }, await openfn.handle(call));
      }
      const body = parseBody(declaration.body, said);
      if (caller) requireRecent(caller, declaration, body);
      return respond(declaration, await handle({ ctx, params, query, body, request }));
    } catch (error) {
      return isOpenfns ? openfnErrorResponse(error) : errorResponse(error);
    }
  };
  const handler = (request: NextRequest, segment: { params: Promise<Params> }) =>
    asWork(workOf(declaration, request), () => answer(request, segment));
  return Object.assign(handler, { declaration });
}

/** Reading stops when its client hangs up, and so does what is long. A short change is made: it was asked for. */
function workOf({ work }: Declaration, { method, signal }: NextRequest): Work {
  const kind = work ?? (method === "GET" || method === "HEAD" ? "read" : "act");
  return kind === "act" ? { kind } : { kind, signal };
}

function respond(declaration: Declaration, result: unknown): Response {
  if (result instanceof Response) return result;
  const { response } = declaration;
  const [status = 200] = statusesOf(declaration);
  if (!isSchema(response)) return new Response(null, { status });
  const { value, init } = result instanceof Reply ? result : { value: result, init: {} };
  return new Response(checkedJson(response, value, declaration.isExact), {
    status: init.status ?? status,
    headers: { "content-type": "application/json", ...init.headers },
  });
}

/**
 * A browser's cross-site request must not ride on a session cookie. Only one that brings an API token rides on none
 * (`authenticate` asks no cookie then); any other Authorization header changes nothing.
 */
function refuseForeignOrigin(request: NextRequest): void {
  if (request.method === "GET" || request.method === "HEAD" || bearerOf(request)) return;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const isForeign = site
    ? site !== "same-origin" && site !== "none"
    : origin !== null && hostOf(origin) !== request.headers.get("host");
  if (isForeign) throw new Refusal("forbidden", "This request came from another site.");
}

/** The host of an Origin header; undefined for `null` and nonsense. */
const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;

export const idParam = z.uuid();
