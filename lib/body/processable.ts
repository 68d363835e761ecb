import { hasMoreKeys, jsonShape } from "@/lib/json-shape";
import { limits, tooMuch, utf8Bytes } from "@/lib/limits";

/** Room in the state for what is not the body: headers, path and query, of which servers take 16 KB. */
const besideBodyBytes = 128 * 1024;
const maxUtf8PerUnit = 3;

/**
 * Why no job could process a body, or null: its meaning is longer as JSON than a state may be (control characters take
 * six bytes each), or has more objects, or kinds of them, than a job's memory holds. `matchable` is its meaning as JSON text.
 */
export function tooLargeToProcess({ matchable }: { matchable: string }): string | null {
  const most = limits.stateBytes - besideBodyBytes;
  // Most messages are so short that nothing has to be counted.
  const bytes = matchable.length * maxUtf8PerUnit > most ? utf8Bytes(matchable) : 0;
  if (bytes > most) return tooMuch("stateBytes", bytes, "The message");
  if (matchable.length < 2 * limits.messageContainers) return null;
  const { containers } = jsonShape(matchable, { containers: limits.messageContainers });
  if (containers > limits.messageContainers) return tooMuch("messageContainers", null, "The message");
  return hasMoreKeys(matchable, limits.messageKeys) ? tooMuch("messageKeys", null, "The message") : null;
}
