import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { deriveKey } from "@/lib/crypto/keys";

/** What a run's token begins with. */
export const runTokenPrefix = "wbrun_";

/** Whose collections a token is good for, as long as the run is under way, and until when at most (seconds since the epoch). */
export type RunPass = { runId: string; projectId: string; endsAt: number };

const pass = z.tuple([z.uuid(), z.uuid(), z.number().int()]);

const signature = (text: string): Buffer =>
  createHmac("sha256", deriveKey("collections of a run")).update(text).digest();

/** A token by which a run's jobs reach the collections of its project, and nothing else. It is stored nowhere. */
export function signRunToken({ runId, projectId, endsAt }: RunPass): string {
  const text = Buffer.from(JSON.stringify([runId, projectId, endsAt])).toString("base64url");
  return `${runTokenPrefix}${text}.${signature(text).toString("base64url")}`;
}

/** What a token says, when it is ours and its time is not over. */
export function readRunToken(token: string, now = Date.now()): RunPass | undefined {
  const [, text, signed] = /^wbrun_([\w-]{1,300})\.([\w-]{43})$/.exec(token) ?? [];
  if (text === undefined || signed === undefined) return undefined;
  if (!timingSafeEqual(signature(text), Buffer.from(signed, "base64url"))) return undefined;
  const read = pass.safeParse(JSON.parse(Buffer.from(text, "base64url").toString()));
  if (!read.success) return undefined;
  const [runId, projectId, endsAt] = read.data;
  return endsAt * 1000 > now ? { runId, projectId, endsAt } : undefined;
}
