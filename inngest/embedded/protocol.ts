import { createHash, createHmac, randomBytes } from "node:crypto";
import { z } from "zod";

/** The public protocol between an Inngest server and the SDK: canonical JSON, signatures, requests, op codes. */

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Returns a ULID: 48 bits of time, 80 random bits, sortable as text. */
export function ulid(now = Date.now()): string {
  let time = "";
  for (let i = 0, rest = now; i < 10; i++, rest = Math.floor(rest / 32)) time = crockford[rest % 32] + time;
  return time + [...randomBytes(16)].map((byte) => crockford[byte % 32]).join("");
}

/** 16 bytes as a ULID. */
export function ulidOf(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let i = 0; i < 26; i++) {
    text = crockford.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}

/** JSON as RFC 8785 wants it: sorted keys, no spaces. The SDK signs and checks this form, not the bytes it received. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
}

const splitKey = (signingKey: string) => {
  const prefix = /^signkey-\w+-/.exec(signingKey)?.[0] ?? "";
  return { prefix, key: signingKey.slice(prefix.length) };
};

/** Signs a canonical body: `t=<unix seconds>&s=<hex>`. The key is used as text, not hex-decoded. */
export function signature(signingKey: string, body: string, seconds = Math.floor(Date.now() / 1000)): string {
  const digest = createHmac("sha256", splitKey(signingKey).key)
    .update(body + seconds)
    .digest("hex");
  return `t=${seconds}&s=${digest}`;
}

/** What the SDK puts into `Authorization` of its own calls. Here the key is hex-decoded. */
export function bearer(signingKey: string): string {
  const { prefix, key } = splitKey(signingKey);
  return `Bearer ${prefix}${createHash("sha256").update(Buffer.from(key, "hex")).digest("hex")}`;
}

/** A stable UUID for a function id: the SDK checkpoints only when the call names one. */
export function functionUuid(id: string): string {
  const h = createHash("sha1").update(id).digest("hex");
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-5${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

export type EngineEvent = {
  id: string;
  name: string;
  data: Record<string, unknown>;
  ts: number;
  user?: Record<string, unknown>;
  v?: string;
};

/** What callers may leave out of an event. */
export type EventInput = {
  id?: string | undefined;
  name: string;
  data?: Record<string, unknown> | undefined;
  ts?: number | undefined;
};

export const eventInput = z.looseObject({
  id: z.string().optional(),
  name: z.string().min(1),
  data: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((data) => data ?? {}),
  ts: z.number().optional(),
});

/** Fills in id, time and data, as the real server does. */
export const completeEvent = (event: EventInput): EngineEvent => ({
  user: {},
  ...event,
  id: event.id || ulid(),
  data: event.data ?? {},
  ts: event.ts || Date.now(),
});

export const opCodes = [
  "StepRun",
  "StepError",
  "StepFailed",
  "StepPlanned",
  "Sleep",
  "RunComplete",
  "DiscoveryRequest",
  "None",
] as const;

const opOptions = z.looseObject({
  parallelMode: z.string().optional(),
  duration: z.string().optional(),
});

const opSchema = z.object({
  id: z.string(),
  op: z.string(),
  name: z.string().nullish(),
  displayName: z.string().nullish(),
  opts: opOptions.nullish(),
  data: z.unknown().optional(),
  error: z.unknown().optional(),
});

export type Op = Omit<z.infer<typeof opSchema>, "op"> & { op: (typeof opCodes)[number] };

/** Reads ops. Throws a sentence when the function used a step tool that this engine does not have. */
export function parseOps(body: unknown): Op[] {
  return z
    .array(opSchema)
    .parse(Array.isArray(body) ? body : [body])
    .map((op) => {
      const code = opCodes.find((known) => known === op.op);
      if (!code) {
        throw new UnsupportedError(
          `The step tool behind op code ${op.op} is not supported by the embedded engine. Use step.run, sendEvent or sleep, or connect a real Inngest server.`,
        );
      }
      if (op.opts?.parallelMode === "race")
        throw new UnsupportedError(
          "Steps in race mode are not supported by the embedded engine. Leave the mode out, or connect a real Inngest server.",
        );
      return { ...op, op: code };
    });
}

/** A function wants something this engine does not do: no retry will help. */
export class UnsupportedError extends Error {
  override name = "UnsupportedError";
}

/** A serialised error as the SDK memoises it. */
export function asFailure(error: unknown): Record<string, unknown> {
  if (error === null || typeof error !== "object")
    return { name: "Error", message: String(error ?? "unknown error") };
  return Object.fromEntries(Object.entries(error).filter(([key]) => key !== "__serialized"));
}

export type Answer =
  | { kind: "ops"; ops: Op[]; version: number; isFinal: boolean; retryAfter: string | null }
  | { kind: "error"; error: Record<string, unknown>; isFinal: boolean; retryAfter: string | null };

/** Reads the SDK's answer to a call. Never throws: what is no SDK answer becomes a retryable error. */
export function readAnswer(status: number, headers: Headers, text: string): Answer {
  const isFinal = headers.get("x-inngest-no-retry") === "true";
  const retryAfter = headers.get("retry-after");
  const failed = (error: Record<string, unknown>, final: boolean): Answer => ({
    kind: "error",
    error,
    isFinal: final,
    retryAfter,
  });
  if (!headers.get("x-inngest-sdk")) {
    return failed(
      { name: "Error", message: `The answer does not come from the Inngest SDK (HTTP ${status}).` },
      false,
    );
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return failed(
      { name: "Error", message: `The answer is not JSON (HTTP ${status}): ${text.slice(0, 200)}` },
      isFinal,
    );
  }
  if (status >= 300) return failed(asFailure(body), isFinal);
  try {
    const ops = status === 206 ? parseOps(body) : parseOps({ id: "complete", op: "RunComplete", data: body });
    return {
      kind: "ops",
      ops,
      version: Number(headers.get("x-inngest-req-version") ?? 2),
      isFinal,
      retryAfter,
    };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return failed({ name, message }, error instanceof UnsupportedError);
  }
}
