import { headers } from "next/headers";
import { env } from "@/lib/env";

/** The origin that senders use: the configured one, else the one this page was asked for under. */
export async function siteOrigin(): Promise<string> {
  const { PUBLIC_URL, HOST, PORT } = env();
  if (PUBLIC_URL) return PUBLIC_URL.replace(/\/$/, "");
  const asked = await headers();
  const protocol = asked.get("x-forwarded-proto")?.split(",")[0] ?? "http";
  return `${protocol}://${asked.get("host") ?? `${HOST}:${PORT}`}`;
}
