import type { z } from "zod";
import type { WorkKind } from "@/db/deadline";
import type { Context } from "@/lib/domain/context";
import type { Permission } from "@/lib/domain/permissions";
import type { ErrorCode } from "@/lib/refusal";
import type { TokenScope } from "@/lib/words";
import type { SensitiveAct } from "./sensitive";

export type Shape = z.ZodType | undefined;
export type Parsed<S extends Shape> = S extends z.ZodType ? z.output<S> : undefined;

/** 204: there is nothing to say. */
export const noContent = { kind: "none" } as const;
/** Server-sent events. */
export const eventStream = { kind: "events", contentType: "text/event-stream" } as const;
/** Bytes that are not of our making. */
export const download = (contentType: string) => ({ kind: "download", contentType }) as const;

/** Lines of JSON, each of one schema and sent as soon as it is known. */
export const lines = <S extends z.ZodType>(line: S) =>
  ({ kind: "lines", contentType: "application/x-ndjson", line }) as const;
export type Lines<S extends z.ZodType = z.ZodType> = ReturnType<typeof lines<S>>;

/** What a route answers when all is well: JSON of one schema, or one of the four above. */
export type Answer = z.ZodType | typeof noContent | typeof eventStream | ReturnType<typeof download> | Lines;

/** A JSON answer with a status or headers of its own. */
export class Reply<T> {
  constructor(
    readonly value: T,
    readonly init: { status?: number; headers?: Record<string, string> },
  ) {}
}

/** What a handler returns. */
export type Returned<R extends Answer> = R extends z.ZodType
  ? z.output<R> | Reply<z.output<R>>
  : R extends typeof noContent
    ? // biome-ignore lint/suspicious/noConfusingVoidType: it returns what a verb without a result returns.
      void
    : Response;

/** A route as it is declared: what it takes, what it answers, and the sentence that the document says about it. */
export type Declaration<Q extends Shape = Shape, B extends Shape = Shape, R extends Answer = Answer> = {
  summary: string;
  query?: Q;
  body?: B;
  /** It takes `limits.largeRequestBytes`: code, or a message's bytes. Others take `limits.requestBytes`. */
  isLarge?: true;
  /** Its JSON holds filters or what was sent, in exact decimals (lib/exact-json.ts): in its body under `exactKeys`. */
  isExact?: true;
  response: R;
  /** Default 200, or 204 for `noContent`. */
  status?: number;
  /** Further statuses of the same answer. */
  otherStatuses?: readonly number[];
  /** What its statements may take, and whether a client that hangs up stops them. Default: `read` or `act`, by method. */
  work?: WorkKind;
  /** What it does that needs a recent sign-in (lib/http/sensitive.ts): always, or when the body says so. */
  sensitive?: readonly (SensitiveAct | { act: SensitiveAct; when(body: Parsed<B>): boolean })[];
  /** Also for somebody whose account is being deleted, for whom nothing else is. */
  isForLeaving?: true;
  /** Refusals besides those that every route of its kind may answer. */
  errors?: readonly ErrorCode[];
  /** What its refusals look like: as OpenFn's tools expect them (lib/http/openfn.ts) instead of ours. */
  errorShape?: "openfn";
  /** What it also takes from API tokens, in OpenFn's shape, and then refuses in that. */
  openfn?: OpenfnBody;
};

/** A body of OpenFn's own API at an address of ours: how it is told apart, what it and the answer look like, and who takes it. */
export type OpenfnBody = {
  isMeant(body: unknown): boolean;
  body: z.ZodType<Record<string, unknown>>;
  response: z.ZodType;
  handle(call: {
    ctx: Context;
    params: Record<string, string>;
    body: Record<string, unknown>;
  }): Promise<unknown>;
};

/** Who may call: anybody, whoever is signed in, or a project's members with a permission. */
export type Access =
  | { access: "public" }
  | ({ access: "user" } & Scoped)
  | ({ access: "project"; permission: Permission } & Scoped);

/**
 * The scope that an API token needs. `browser`: no token calls it, whatever its scopes; a token can neither read a
 * secret that people keep nor change who may come in.
 */
export type Scoped = { scope: TokenScope | "browser" };

const common: Record<Access["access"], readonly ErrorCode[]> = {
  public: ["invalid", "forbidden", "unavailable"],
  user: ["invalid", "unauthenticated", "forbidden", "not_found", "limit", "unavailable"],
  project: ["invalid", "unauthenticated", "forbidden", "not_found", "conflict", "limit", "unavailable"],
};

/** Every refusal that a route may answer. */
export const errorsOf = (declaration: Declaration & Access): ErrorCode[] => [
  ...new Set([
    ...common[declaration.access],
    ...(declaration.sensitive ? (["reauthenticate"] as const) : []),
    ...(declaration.errors ?? []),
  ]),
];

/** Every status of a route's own answer. */
export const statusesOf = ({ response, status, otherStatuses = [] }: Declaration): number[] => [
  status ?? (isNothing(response) ? 204 : 200),
  ...otherStatuses,
];

export const isSchema = (response: Answer): response is z.ZodType => !("kind" in response);
export const isNothing = (response: Answer): boolean => "kind" in response && response.kind === "none";
