import { Buffer } from "node:buffer";

const bytesPerMb = 1024 * 1024;
const megabytes = (bytes: number): string => `${Math.round((bytes / bytesPerMb) * 100) / 100}mb`;

export class StateTooLargeError extends Error {
  constructor(bytes: number, maxBytes: number) {
    super(`State exceeds the limit of ${megabytes(maxBytes)}: what the job returned is ${megabytes(bytes)}`);
    this.name = "StateTooLargeError";
  }
}

/** Marks cycles and writes big integers as text, where JSON alone would throw. */
function tolerant(): (this: unknown, key: string, value: unknown) => unknown {
  const path: unknown[] = [];
  return function (_key, value) {
    if (typeof value === "bigint") return value.toString();
    if (typeof value !== "object" || value === null) return value;
    while (path.length && path.at(-1) !== this) path.pop();
    if (path.includes(value)) return "[Circular]";
    path.push(value);
    return value;
  };
}

/** Keys that the next step must not see: OpenFn's worker removes the same two. */
const removedKeys = ["configuration", "response"];

/** JSON of a step's final state. Throws StateTooLargeError, or whatever the job's getters and `toJSON` throw. */
export function serialiseState(state: unknown, maxBytes: number): string {
  if (typeof state === "object" && state !== null)
    for (const key of removedKeys) Reflect.deleteProperty(state, key);
  const text: string = JSON.stringify(state ?? {}, tolerant()) ?? "{}";
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw new StateTooLargeError(bytes, maxBytes);
  return text;
}
