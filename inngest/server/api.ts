import { inngest } from "@/inngest/client";
import { bearer } from "@/inngest/embedded/protocol";
import { env } from "@/lib/env";

/** An answer of Inngest's REST API; `body` is null when it is no JSON. */
export type ApiAnswer = { status: number; body: unknown };
/** Asks Inngest's REST API, or posts `body` to it. Throws when there is no whole answer within the deadline. */
export type InngestApi = (path: string, body?: unknown) => Promise<ApiAnswer>;

export type ServerAddress = { origin: string; headers: Record<string, string> };

const usualDeadlineMs = 4_000;

/** Where the Inngest that the environment names is, and how it knows us. */
export function namedServer(): ServerAddress {
  const { INNGEST_SIGNING_KEY: key } = env();
  return {
    origin: new URL(inngest.apiBaseUrl).origin,
    headers: { ...inngest.headers, ...(key ? { authorization: bearer(key) } : {}) },
  };
}

export const apiOf =
  ({ origin, headers }: ServerAddress, deadlineMs = usualDeadlineMs): InngestApi =>
  async (path, body) => {
    const posted = { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(new URL(path, origin), {
      ...(body === undefined ? {} : posted),
      headers: { ...headers, "content-type": "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(deadlineMs),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
