import { nestFields } from "@/lib/body/fields";
import { readQuery } from "@/lib/body/form";
import type { ReadBody } from "@/lib/body/read";
import type { By, Redacted, Unredactable } from "@/lib/redaction/redact";
import { withoutNul } from "@/lib/text";
import type { Delivery } from "./delivery";
import type { InboxKeys } from "./keys";
import type { UrlRedactions } from "./statement";

/** A request as far as it is stored. */
export type Storable = {
  method: string;
  /** Segments after the id. */
  path: string[];
  search: string;
  /** As they may be stored (`storedHeaders`). */
  headers: Record<string, string>;
  contentEncoding: string | null;
  bytes: Uint8Array;
  read: ReadBody;
};

type Host = Pick<InboxKeys, "redactionKey"> & Pick<By, "decoders">;

/**
 * What of a request is stored by its URL's redactions; or why nothing may be. `signedIn`: headers with signatures of it. `shown`
 * says which parameters of the query may be. With the query's parameters as they were sent, and where one is named twice
 * (`parameters`).
 */
export async function redactRequest(
  request: Storable,
  redactions: UrlRedactions,
  { host, signedIn, shown = (fields) => fields }: { host: Host; signedIn: readonly string[]; shown?: Shown },
): Promise<(Redacted & { fields: Fields }) | Unredactable> {
  // Whoever redacts nothing does not load it.
  const { redactMessage } = await import("@/lib/redaction/redact");
  const { projectId, paths, pathStart } = redactions;
  const own = request.path.slice(0, pathStart).map(withoutNul);
  const fields = shown(request.search.length < 2 ? [] : readQuery(request.search));
  const bare = {
    ...request,
    path: request.path.slice(pathStart).map(withoutNul),
    query: {},
    parameters: fields,
    said: {
      contentType: request.headers["content-type"] ?? null,
      contentEncoding: request.contentEncoding,
    },
  };
  const key = await host.redactionKey(projectId);
  const done = await redactMessage(bare, {
    ...{ paths: paths.map(({ path }) => path), key, decoders: host.decoders, signedIn },
  });
  if ("refused" in done) return done;
  const all = done.parameters ?? [];
  const isRepeated = nestFields(all).isRepeated;
  return { ...done, path: [...own, ...done.path], fields: all, parameters: isRepeated ? all : undefined };
}

type Fields = [string, string][];
type Shown = (fields: Fields) => Fields;

const encoder = new TextEncoder();

/** A delivery's name and content under the project's key: of what is redacted no digest is kept that anybody could make. */
export async function keyedDelivery(
  { id, content }: Delivery,
  { redactionKey }: Pick<InboxKeys, "redactionKey">,
  projectId: string,
): Promise<Delivery> {
  const key = await redactionKey(projectId);
  const keyed = async (purpose: string, digest: Uint8Array) => {
    const label = encoder.encode(`${purpose}\0`);
    const data = new Uint8Array(label.length + digest.length);
    data.set(label);
    data.set(digest, label.length);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
  };
  return { id: await keyed("delivery id", id), content: await keyed("delivery content", content) };
}
