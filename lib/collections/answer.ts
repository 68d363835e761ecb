import { z } from "zod";
import { asWork } from "@/db/deadline";
import { deleteItem, deleteItems } from "@/lib/domain/collection/delete-items";
import { inTurn } from "@/lib/domain/collection/items";
import { getCollectionItem } from "@/lib/domain/collection/list-items";
import { putItems } from "@/lib/domain/collection/put-items";
import { isGuess, shownTo } from "@/lib/domain/collection/show";
import { errorBody, errorResponse } from "@/lib/http/errors";
import { readBody } from "@/lib/http/input";
import { Refusal } from "@/lib/refusal";
import type { Door, Named } from "./door";
import { badRequest, missing, notPut, Problem, unauthorized } from "./problem";
import { readListQuery, readProjectId } from "./query";
import { shownItem, streamItems } from "./stream";

type Asked = { door: Door; named: Named; request: Request; search: URLSearchParams };
type Act = (asked: Asked, key: string | undefined) => Promise<Response>;

/**
 * Answers a request to OpenFn's collections API, below `/collections/`. `knock` says who asks, or throws a `Problem`. A key
 * is what is left of the path, slashes included.
 */
export async function answerCollections(request: Request, knock: () => Promise<Door>): Promise<Response> {
  // As a GET, without what it would say.
  if (request.method === "HEAD") return withoutBody(await answerCollections(asGet(request), knock));
  try {
    const act = acts[request.method];
    if (!act) return new Response(null, { status: 405, headers: { allow: Object.keys(acts).join(", ") } });
    const { method, signal } = request;
    const work = method === "GET" ? ({ kind: "read", signal } as const) : ({ kind: "act" } as const);
    return await asWork(work, async () => {
      const door = await knock();
      const { pathname, searchParams: search } = new URL(request.url);
      const { named, key } = readPath(segmentsOf(pathname), request.headers.get("x-api-version"), search);
      // A slash at the end says nothing, but to whoever deletes: an item whose key came out empty is not the collection.
      const isWhole = key === "" && method !== "DELETE";
      return act({ door, named, request, search }, isWhole ? undefined : key);
    });
  } catch (error) {
    return await problemResponse(error);
  }
}

const asGet = ({ url, headers, signal }: Request): Request => new Request(url, { headers, signal });

async function withoutBody({ status, headers, body }: Response): Promise<Response> {
  await body?.cancel();
  return new Response(null, { status, headers });
}

/** What is behind `/collections/`, decoded where it can be. */
const segmentsOf = (pathname: string): string[] =>
  pathname
    .replace(/^\/collections\/?/, "")
    .split("/")
    .map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch {
        return segment;
      }
    });

/** Version 1 names a collection alone, version 2 its project before it. Throws a `Problem` for another one. */
function readPath(path: readonly string[], version: string | null, search: URLSearchParams) {
  if (version !== null && version !== "1" && version !== "2")
    throw badRequest(`Unsupported API version: ${version}`);
  const [projectId, [name, ...key]] =
    version === "2" ? [path[0], path.slice(1)] : [search.get("project_id"), path];
  if (!name) throw missing();
  const named: Named = { name, projectId: readProjectId(projectId) };
  return { named, key: key.length > 0 ? key.join("/") : undefined };
}

const json = (value: unknown): Response =>
  new Response(JSON.stringify(value), { headers: { "content-type": "application/json; charset=utf-8" } });

const get: Act = async ({ door, named, request, search }, key) => {
  const opened = await door.open(named, "read");
  const { access, collection } = opened;
  const shown = await shownTo(access);
  const query = key === undefined ? readListQuery(search) : null;
  if (isGuess(shown, key ?? query?.filter.key))
    throw new Problem(403, { error: "Forbidden", message: guess });
  if (query) {
    const body = await streamItems(opened, query, shown, request.signal);
    return new Response(body, { headers: { "content-type": "application/json; charset=utf-8" } });
  }
  const item = await inTurn(
    access.project.id,
    () => getCollectionItem(access.db, collection, key ?? ""),
    request.signal,
  );
  return item ? json(shownItem(item)) : new Response(null, { status: 204 });
};

const guess = "Keys are masked for your role in this project, so nothing is looked up by them.";

const fields = z.record(z.string(), z.unknown());

async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  const body = await readBody(z.any(), request, "largeRequestBytes").catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    throw error.details?.limit ? new Problem(413, { error: error.message }) : badRequest(error.message);
  });
  return fields.safeParse(body).data ?? {};
}

const lacks = (field: string) => new Problem(422, { error: `Missing required field: ${field}` });

const put: Act = async ({ door, named, request }, key) => {
  if (key === undefined) throw missing();
  const { value } = await bodyOf(request);
  if (value === undefined) throw lacks("value");
  return putAll(door, named, [{ key, value }]);
};

const post: Act = async ({ door, named, request }, key) => {
  if (key !== undefined) throw missing();
  const { items } = await bodyOf(request);
  if (items === undefined) throw lacks("items");
  if (!Array.isArray(items)) throw notPut("Format error: items is a list.");
  return putAll(door, named, items);
};

async function putAll(door: Door, named: Named, items: unknown[]): Promise<Response> {
  const { access, collection } = await door.open(named, "change");
  const upserted = await inTurn(access.project.id, () => putItems(access, collection.id, items)).catch(
    (error: unknown) => {
      if (error instanceof Refusal && (error.code === "invalid" || error.code === "conflict"))
        throw notPut(error.message);
      throw error;
    },
  );
  return json({ upserted, error: null });
}

const remove: Act = async ({ door, named, request, search }, key) => {
  const { access, collection } = await door.open(named, "change");
  if (key !== undefined) {
    const isGone = await inTurn(access.project.id, () => deleteItem(access, collection.id, key));
    return json({ key, deleted: isGone ? 1 : 0, error: isGone ? null : "Item Not Found" });
  }
  const { filter } = readListQuery(search);
  const given = filter.key ?? (await keyInBody(request));
  const deleted = await deleteItems(access, collection.id, { ...filter, key: given ?? undefined });
  return json({ key: given, deleted, error: null });
};

/** Where a client sends what a deletion is about in its body. */
async function keyInBody(request: Request): Promise<string | null> {
  const { key } = await bodyOf(request);
  if (key === undefined || key === null) return null;
  if (typeof key !== "string") throw badRequest("key is a text.");
  return key;
}

const acts: Record<string, Act> = { GET: get, PUT: put, POST: post, DELETE: remove };

async function problemResponse(error: unknown): Promise<Response> {
  const problem = error instanceof Problem ? error : asProblem(error);
  if (problem) return Response.json(problem.body, { status: problem.status, headers: problem.headers });
  // Nobody's doing: said in words of our own, in the form of this API.
  const said = errorResponse(error);
  const body = said.body ? errorBody.safeParse(await said.json()).data : undefined;
  if (!body) return new Response(null, { status: said.status });
  const headers = { "retry-after": said.headers.get("retry-after") ?? "5" };
  return Response.json({ error: body.error.message }, { status: said.status, headers });
}

/** A refusal in OpenFn's words; undefined for what is nobody's doing. */
function asProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Refusal) || error.code === "unavailable") return undefined;
  const { code, message, retryAfterSeconds } = error;
  if (code === "not_found") return missing();
  if (code !== "limit") return unauthorized();
  return new Problem(429, { error: message }, { "retry-after": String(retryAfterSeconds ?? 5) });
}
