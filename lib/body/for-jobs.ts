import type { MessageBytes } from "@/lib/runner/contract";
import { plainBytes, type StoredBody } from "./stored";

/** Whether a job asks for its message's bytes; the others are not sent them. */
export const asksForBytes = (source: string): boolean => /\bbytesOf\b/.test(source);

/** A message's bytes for a job: as they were sent, and what its files are cut from. */
export async function messageBytes(stored: StoredBody): Promise<MessageBytes> {
  const files = (stored.reading?.files ?? []).map(({ start, end, isBase64 }) => ({
    start,
    end,
    ...(isBase64 ? { isBase64 } : {}),
  }));
  const isCoded = files.length > 0 && stored.reading?.codings !== undefined;
  return {
    body: base64(stored.body),
    ...(isCoded ? { plain: base64(await plainBytes(stored)) } : {}),
    files,
  };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
