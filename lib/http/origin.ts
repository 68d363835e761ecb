import { env } from "@/lib/env";

/** The origin under which this server is known: the configured one, else the one that was asked for. No slash at the end. */
export function originFrom(headers: { get(name: string): string | null }): string {
  const { PUBLIC_URL, HOST, PORT } = env();
  if (PUBLIC_URL) return PUBLIC_URL.replace(/\/$/, "");
  const protocol = headers.get("x-forwarded-proto")?.split(",")[0] ?? "http";
  return `${protocol}://${headers.get("host") ?? `${HOST}:${PORT}`}`;
}

export const requestOrigin = (request: Request): string => originFrom(request.headers);
