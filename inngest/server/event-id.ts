import { createHash } from "node:crypto";
import { ulidOf } from "@/inngest/embedded/protocol";

/**
 * A real Inngest gives each event an id of its own, and answers questions about an event by that alone. It is made from a
 * seed that the sender may send along, so that of an event that has a run's name (`<runId>` or `<runId>/<again>`) it can
 * be told at any time, by anybody, without having been stored.
 */

const uuid = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:\/\d+)?$/;
const timeBytes = 6;
const entropyBytes = 10;
/** Inngest adds an event's place in its request, counted from 1, to the last four bytes of the seed. */
const place = 1;

/** Null when the event does not have a run's name: then Inngest chooses. */
function bytesOf(eventId: string): Buffer | null {
  const runId = uuid.exec(eventId)?.[1];
  if (!runId) return null;
  const run = Buffer.from(runId.replaceAll("-", ""), "hex");
  if (eventId === runId) return run;
  const entropy = createHash("sha256").update(eventId).digest().subarray(0, entropyBytes);
  return Buffer.concat([run.subarray(0, timeBytes), entropy]);
}

/** What Inngest calls an event that was sent alone, with `seedOf` it, as a ULID. Null when that is for Inngest to choose. */
export function internalIdOf(eventId: string): string | null {
  const bytes = bytesOf(eventId);
  return bytes && ulidOf(bytes);
}

/** The header `x-inngest-event-id-seed` of a request with this one event. Null when Inngest is to choose. */
export function seedOf(eventId: string): string | null {
  const bytes = bytesOf(eventId);
  if (!bytes) return null;
  const entropy = Buffer.from(bytes.subarray(timeBytes));
  const end = entropyBytes - 4;
  entropy.writeUInt32BE((entropy.readUInt32BE(end) - place) >>> 0, end);
  return `${bytes.readUIntBE(0, timeBytes)},${entropy.toString("base64")}`;
}
