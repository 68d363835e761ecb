import type { NextRequest } from "next/server";
import { z } from "zod";
import { projectContext, userContext } from "@/lib/auth/context";
import { collect, decodeUtf8 } from "@/lib/bytes";
import type { Context, UserContext } from "@/lib/domain/context";
import { type Permission, requirePermission } from "@/lib/domain/permissions";
import { Refusal } from "@/lib/refusal";
import { errorResponse } from "./errors";

type Shape = z.ZodType | undefined;
type Parsed<S extends Shape> = S extends z.ZodType ? z.infer<S> : undefined;
type Params = Record<string, string>;

type Declaration<Q extends Shape, B extends Shape> = {
  /** One sentence for the API document. */
  summary: string;
  query?: Q;
  body?: B;
  /** Checks and documents what is sent. */
  response?: z.ZodType;
  /** Default 200. */
  status?: number;
};

type Call<C, Q extends Shape, B extends Shape> = {
  ctx: C;
  params: Params;
  query: Parsed<Q>;
  body: Parsed<B>;
  request: NextRequest;
};

export type RouteHandler = ((
  request: NextRequest,
  segment: { params: Promise<Params> },
) => Promise<Response>) & { declaration: Declaration<Shape, Shape> & { permission?: Permission } };

/**
 * A route below a project (`[project]` is its id). Resolves session or token, membership, permission; strangers get 404.
 * What the handler returns is sent as JSON, a Response as it is.
 */
export function projectRoute<Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Declaration<Q, B> & { permission: Permission },
  handle: (call: Call<Context, Q, B>) => Promise<unknown>,
): RouteHandler {
  return build(
    declaration,
    async (request, params) => {
      const ctx = await projectContext(request, params.project ?? "");
      requirePermission(ctx, declaration.permission);
      return ctx;
    },
    handle,
  );
}

/** A route for anybody who is signed in. */
export function userRoute<Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Declaration<Q, B>,
  handle: (call: Call<UserContext, Q, B>) => Promise<unknown>,
): RouteHandler {
  return build(declaration, (request) => userContext(request), handle);
}

/** A route that anybody may call. */
export function publicRoute<Q extends Shape = undefined, B extends Shape = undefined>(
  declaration: Declaration<Q, B>,
  handle: (call: Call<null, Q, B>) => Promise<unknown>,
): RouteHandler {
  return build(declaration, async () => null, handle);
}

function build<C, Q extends Shape, B extends Shape>(
  declaration: Declaration<Q, B> & { permission?: Permission },
  authorise: (request: NextRequest, params: Params) => Promise<C>,
  handle: (call: Call<C, Q, B>) => Promise<unknown>,
): RouteHandler {
  const handler = async (request: NextRequest, segment: { params: Promise<Params> }) => {
    try {
      const params = await segment.params;
      refuseForeignOrigin(request);
      const ctx = await authorise(request, params);
      const query = declaration.query?.parse(Object.fromEntries(request.nextUrl.searchParams)) as Parsed<Q>;
      const body = declaration.body?.parse(await readJson(request)) as Parsed<B>;
      const result = await handle({ ctx, params, query, body, request });
      if (result instanceof Response) return result;
      if (result === undefined) return new Response(null, { status: 204 });
      return Response.json(declaration.response ? declaration.response.parse(result) : result, {
        status: declaration.status ?? 200,
      });
    } catch (error) {
      return errorResponse(error);
    }
  };
  return Object.assign(handler, { declaration: declaration as RouteHandler["declaration"] });
}

/** A browser's cross-site request must not ride on a session cookie. Token clients send no Origin. */
function refuseForeignOrigin(request: NextRequest): void {
  if (request.method === "GET" || request.method === "HEAD" || request.headers.has("authorization")) return;
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

const maxJsonBytes = 2_000_000;

async function readJson(request: NextRequest): Promise<unknown> {
  const bytes = request.body ? await collect(request.body, maxJsonBytes) : new Uint8Array();
  if (!bytes) throw new Refusal("invalid", `The request body is larger than ${maxJsonBytes} bytes.`);
  try {
    return JSON.parse(decodeUtf8(bytes) || "{}");
  } catch {
    throw new Refusal("invalid", "The request body is not valid JSON.");
  }
}

export const idParam = z.uuid();
