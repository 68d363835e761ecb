import { readQuery } from "@/lib/body/form";
import { ExactNumber, parseExact } from "@/lib/exact-json";
import type { DeliveryRule } from "@/lib/workflow/types";
import { headerOf } from "./header";

/** Web Crypto only: the edge inbox uses it. */
const encoder = new TextEncoder();

/** What a sender says that a delivery is, and what it is: digests, see `deliveries`. */
export type Delivery = { id: Uint8Array; content: Uint8Array };

/** Headers that name a delivery, the first one that is there counts: senders use the same for a repeat. */
const idHeaders = ["idempotency-key", "webhook-id", "x-github-delivery"];

/** How long a repeat gets the first answer, where its URL does not say. */
export const repeatHours = 24;

type Sent = { headers: Record<string, string>; path: string[]; search: string };

/**
 * The delivery that a request names; null when it names none. `rule` is its URL's own: a header or a path of the body
 * instead of the usual headers. `meaning` is the body's, as JSON text. Nothing is guessed.
 */
export async function deliveryOf(
  request: Sent,
  body: Uint8Array,
  { rule = null, meaning }: { rule?: DeliveryRule | null; meaning?: string } = {},
): Promise<Delivery | null> {
  const named = nameOf(request.headers, rule, meaning);
  if (named === undefined) return null;
  const id = await digest(encoder.encode(named));
  // Decoded: doors differ in how they spell it.
  const address = encoder.encode(JSON.stringify([request.path, readQuery(request.search)]));
  const both = new Uint8Array(32 + address.length);
  both.set(await digest(new Uint8Array(body)));
  both.set(address, 32);
  return { id, content: await digest(both) };
}

/** Where the name was, and the name. */
function nameOf(
  headers: Record<string, string>,
  rule: DeliveryRule | null,
  meaning: string | undefined,
): string | undefined {
  const isOwn = rule?.header !== undefined || rule?.path !== undefined;
  const among = isOwn ? [rule.header?.toLowerCase() ?? ""] : idHeaders;
  const header = among.find((name) => headerOf(headers, name)?.trim());
  if (header !== undefined) return `${header}\0${headerOf(headers, header)?.trim()}`;
  if (rule?.path === undefined || meaning === undefined) return undefined;
  const value = valueAt(meaning, rule.path);
  return value === undefined ? undefined : `${rule.path}\0${value}`;
}

/** A text or number at a path of the body; undefined where there is something else, or nothing. */
function valueAt(meaning: string, path: string): string | undefined {
  let at: unknown;
  try {
    at = parseExact(meaning);
  } catch {
    return undefined;
  }
  for (const key of path.split(".").slice(1)) {
    if (typeof at !== "object" || at === null || at instanceof ExactNumber || !Object.hasOwn(at, key))
      return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  if (typeof at === "string") return at.trim() === "" ? undefined : `text ${at.trim()}`;
  if (typeof at === "number" || at instanceof ExactNumber) return `number ${at}`;
  return undefined;
}

const digest = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
