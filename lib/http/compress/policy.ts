/**
 * Which answers may be compressed. The length of a compressed text tells whoever listens on the way something of what is
 * in it, when they choose a part of it themselves (BREACH). So what somebody signs in with, or proves anything by, is never
 * compressed: only what is listed here is, and of that only what is read (GET, HEAD), because secrets are made by changes.
 * Of the rest, data of people stands beside texts that senders choose: there the length is blurred by chance (coder.ts).
 */
const open: readonly RegExp[] = [
  /^\/_next\//,
  // Who is signed in is led on from there: it holds nothing of anybody's.
  /^\/sign-in$/,
  /^\/docs(\/|$)/,
  /^\/api\/openapi\.json$/,
  /^\/projects(\/|$)/,
  /^\/p\/[^/]+(\/|$)/,
  /^\/api\/projects\/[^/]+(\/|$)/,
];

/** Places of a project whose answers hold keys, tokens, links that let in, or values of credentials. */
const closed =
  /^\/(api\/projects|p)\/[^/]+\/(auth-methods|tokens|invitations|collaborators|members|credentials|notice-channels|settings|collections)(\/|$)/;

/** Whether an answer to such a request may be compressed. `path`: without its query. */
export const mayCompress = (method: string, path: string): boolean =>
  (method === "GET" || method === "HEAD") && open.some((place) => place.test(path)) && !closed.test(path);

/** Files of the build: named by what is in them, the same for everybody, without anything of anybody's. */
export const isBuilt = (path: string): boolean => path.startsWith("/_next/static/");

const compressible =
  /^(text\/(?!event-stream)[\w.+-]+|application\/([\w.-]+\+)?(json|xml|javascript|manifest)|application\/(x-)?(ndjson|yaml)|image\/svg\+xml)\b/;

export const isText = (contentType: string): boolean => compressible.test(contentType.toLowerCase());

export type Coding = "br" | "gzip";

/** The first of `known` that a request's `accept-encoding` takes; null: none. */
export function codingFor(header: string | undefined, known: readonly Coding[]): Coding | null {
  const weights = new Map<string, number>();
  for (const part of (header ?? "").toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((one) => one.trim());
    const weight = parameters.find((one) => one.startsWith("q="))?.slice(2);
    if (name) weights.set(name, weight === undefined ? 1 : Number(weight) || 0);
  }
  return known.find((coding) => (weights.get(coding) ?? weights.get("*") ?? 0) > 0) ?? null;
}
