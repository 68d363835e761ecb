import { readQuery } from "@/lib/body/form";

/** Web Crypto only: the edge inbox uses it. */
const encoder = new TextEncoder();

/** What a sender says that a delivery is, and what it is: digests, see `deliveries`. */
export type Delivery = { id: Uint8Array; content: Uint8Array };

/** Headers that name a delivery, the first one that is there counts: senders use the same for a repeat. */
const idHeaders = ["idempotency-key", "webhook-id", "x-github-delivery"];

/** How long a repeat gets the first answer. */
export const repeatHours = 24;

/** The delivery that a request names; null when it names none. Nothing is guessed from its body. */
export async function deliveryOf(
  request: { headers: Record<string, string>; path: string[]; search: string },
  body: Uint8Array,
): Promise<Delivery | null> {
  const header = idHeaders.find((name) => request.headers[name]?.trim());
  if (header === undefined) return null;
  const id = await digest(encoder.encode(`${header}\0${request.headers[header]?.trim()}`));
  // Decoded: doors differ in how they spell it.
  const address = encoder.encode(JSON.stringify([request.path, readQuery(request.search)]));
  const both = new Uint8Array(32 + address.length);
  both.set(await digest(new Uint8Array(body)));
  both.set(address, 32);
  return { id, content: await digest(both) };
}

const digest = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
