import { z } from "zod";

const healthBody = z.looseObject({ ok: z.boolean() });
const answerWithinMs = 10_000;

export type HealthAnswer = { ok: boolean; text: string };

/** What GET /api/health answers; null when it does not. */
export async function healthOf(url: string): Promise<HealthAnswer | null> {
  try {
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(answerWithinMs) });
    const text = await response.text();
    return { ok: response.ok && healthBody.parse(JSON.parse(text)).ok, text };
  } catch {
    return null;
  }
}
