import type { z } from "zod";
// biome-ignore lint/style/noRestrictedImports: its types alone, which are what the routes declare.
import type { RouteModules } from "@/app/api/routes";
import { stringifyExact } from "@/lib/exact-number";
import type { Lines, noContent, Shape } from "@/lib/http/declaration";
import type { RouteHandler } from "@/lib/http/route";
import { connection } from "./connection/connection";
import { whereToLook } from "./connection/where-to-look";
import { askToReauthenticate } from "./reauthenticate/ask";
import { askToSignIn } from "./signed-out/ask";

/** What the API answered instead of a result; `message` is a sentence for the person at the screen. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details?: Record<string, string[]>,
    /** When it may be asked again, if the server has said so. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export type Path = keyof RouteModules & string;

type Answering = RouteHandler<Shape, Shape, z.ZodType | typeof noContent>;

type Handlers<P extends Path> = {
  [M in keyof RouteModules[P] & string as RouteModules[P][M] extends Answering
    ? M
    : never]: RouteModules[P][M];
};

/** `"GET /api/projects/[project]/messages"`: every declared route that answers JSON, or nothing. */
export type Call = { [P in Path]: `${keyof Handlers<P> & string} ${P}` }[Path];

type HandlerOf<C extends Call> = C extends `${infer M} ${infer P extends Path}`
  ? M extends keyof RouteModules[P]
    ? RouteModules[P][M]
    : never
  : never;

type QueryOf<C extends Call> = HandlerOf<C> extends RouteHandler<infer Q, infer _B, infer _R> ? Q : never;
type BodyOf<C extends Call> = HandlerOf<C> extends RouteHandler<infer _Q, infer B, infer _R> ? B : never;
type ResponseOf<C extends Call> = HandlerOf<C> extends RouteHandler<infer _Q, infer _B, infer R> ? R : never;

/** What a call comes to: the declared JSON, or nothing. */
export type AnswerOf<C extends Call> = ResponseOf<C> extends z.ZodType ? z.output<ResponseOf<C>> : undefined;

type NameIn<P extends string> = P extends `${string}[${infer N}]${infer Rest}` ? N | NameIn<Rest> : never;

/** The ids in a path, by the names in its brackets. */
export type Params<P extends string> = Record<NameIn<P>, string>;

type Query<C extends Call> =
  QueryOf<C> extends z.ZodType
    ? { [K in keyof z.output<QueryOf<C>>]?: z.output<QueryOf<C>>[K] | null | undefined }
    : never;

type Needs<Key extends string, Value> = [Value] extends [never]
  ? { [K in Key]?: never }
  : Record<never, never> extends Value
    ? { [K in Key]?: Value }
    : { [K in Key]: Value };

type Input<C extends Call> = Needs<
  "params",
  C extends `${string} ${infer P}` ? EmptyAsNever<Params<P>> : never
> &
  Needs<"query", Query<C>> &
  Needs<"body", BodyOf<C> extends z.ZodType ? z.input<BodyOf<C>> : never> & { signal?: AbortSignal };

type EmptyAsNever<T> = keyof T extends never ? never : T;

type Arguments<C extends Call> =
  Record<never, never> extends Input<C> ? [input?: Input<C>] : [input: Input<C>];

type Plain = {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
};

/**
 * Calls a route of our own API. Path, query, body and answer have the types that the route declares; numbers of a body
 * that JavaScript cannot hold are sent as they were written. Throws ApiError.
 */
export async function api<C extends Call>(call: C, ...[input]: Arguments<C>): Promise<AnswerOf<C>> {
  const { params = {}, query = {}, body, signal }: Plain = input ?? {};
  const [method = "", path = ""] = call.split(" ");
  const response = await request(withQuery(fill(path, params), query), {
    method,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: stringifyExact(body) }),
    ...(signal ? { signal } : {}),
  });
  // The one cast: tests hold every answer against the schema that this type comes from.
  return (response.status === 204 ? undefined : await response.json()) as AnswerOf<C>;
}

type LineOf<P extends Path> = RouteModules[P] extends { GET: RouteHandler<infer _Q, infer _B, infer R> }
  ? R extends Lines<infer S>
    ? z.output<S>
    : never
  : never;
type LinesPath = { [P in Path]: [LineOf<P>] extends [never] ? never : P }[Path];

/** Reads what a route answers line by line, each as soon as it is there. Throws ApiError. */
export async function* apiLines<P extends LinesPath>(
  path: P,
  { params, query, signal }: { params: Params<P>; query: Record<string, unknown>; signal: AbortSignal },
): AsyncGenerator<LineOf<P>, void> {
  const response = await request(withQuery(fill(path, params), query), { signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value = "" } = (await reader?.read()) ?? { done: true };
    const whole = (rest + value).split("\n");
    rest = whole.pop() ?? "";
    // As of a whole answer above.
    for (const line of whole) yield JSON.parse(line) as LineOf<P>;
    if (done) return;
  }
}

/** Reads what a download route answers, as text. Throws ApiError. */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  const response = await request(path, signal ? { signal } : {});
  return response.text();
}

/** The same as it was sent, to the byte. */
export async function getBytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const response = await request(path, signal ? { signal } : {});
  return new Uint8Array(await response.arrayBuffer());
}

/** The address of a route, for links, downloads and streams. */
export const apiPath = <P extends Path>(path: P, params: Params<P>): string => fill(path, params);

const fill = (path: string, params: Record<string, string>): string =>
  path.replace(/\[(\w+)\]/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));

type Failure = { error?: { code?: string; message?: string; details?: Record<string, string[]> } };

async function failure(response: Response): Promise<ApiError> {
  const body: Failure = await response.json().catch(() => ({}));
  // Not our own words: a proxy on the way, which does not know what became of it.
  if (!body.error && response.status >= 500)
    return new ApiError(
      response.status,
      "unanswered",
      `The server answered ${response.status}. Try again in a moment.`,
    );
  const message = body.error?.message ?? `The server answered ${response.status}. Try again in a moment.`;
  const code = body.error?.code ?? "internal";
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ApiError(
    response.status,
    code,
    message,
    body.error?.details,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}

async function request(path: string, init?: RequestInit, isSecondTry = false): Promise<Response> {
  const response = await (isRead(init) ? read(path, init) : change(path, init));
  connection.heard();
  if (response.ok) return response;
  const error = await failure(response);
  if (!isRead(init) && error.code === "unanswered") throw unanswered(path);
  // Asked once: whoever has shown to be there is believed, so a second refusal is a fault to be seen.
  const isAsked = error.code === "reauthenticate" && !isSecondTry;
  if (isAsked && (await askToReauthenticate(error.details?.does?.[0] ?? "go on")))
    return request(path, init, true);
  if (error.code === "unauthenticated" && !isSecondTry && (await askToSignIn(!isRead(init))))
    return request(path, init, true);
  throw error;
}

const isRead = (init: RequestInit | undefined) => (init?.method ?? "GET") === "GET";

/** The server itself answers or gives up sooner: who waits longer waits for somebody who has gone. */
const longestReadMs = 60_000;
/** Installing an adaptor takes minutes. */
const longestChangeMs = 10 * 60_000;

const inTime = (ms: number, ...signals: (AbortSignal | null | undefined)[]): AbortSignal =>
  AbortSignal.any([AbortSignal.timeout(ms), ...signals.filter((one) => one instanceof AbortSignal)]);

async function read(path: string, init: RequestInit | undefined): Promise<Response> {
  try {
    return await fetch(path, { ...init, signal: inTime(longestReadMs, init?.signal) });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    void connection.suspect();
    throw new ApiError(0, "offline", "The server cannot be reached. Check the connection and try again.");
  }
}

/** What is said when something was asked for that could not be sent. */
export const nothingSent = "You are offline: nothing was sent. Try again when you are back.";

/** A change is sent now or not at all, and nobody is told that it failed when only its answer was lost. */
async function change(path: string, init: RequestInit | undefined): Promise<Response> {
  if (connection.isDown) throw new ApiError(0, "offline", nothingSent);
  const signal = inTime(longestChangeMs, init?.signal, connection.lost);
  try {
    return await fetch(path, { ...init, signal });
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    void connection.suspect();
    throw unanswered(path);
  }
}

const unanswered = (path: string) =>
  new ApiError(
    0,
    "unanswered",
    `No answer came, so it may have been done or not. ${whereToLook(path)} before you do it again.`,
  );

/** `path?a=1&b=2` without the empty ones. */
export function withQuery(path: string, query: Record<string, unknown>): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === null || value === undefined || value === "" ? [] : [[key, String(value)]],
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}
