import { createHmac } from "node:crypto";
import type { ChannelTarget } from "./target";

/** Headers of Standard Webhooks for a body: its id is the same however often it is sent. `now` is Unix time in ms. */
export function signed(
  { secret, oldSecret, oldUntil = 0 }: Pick<ChannelTarget, "secret" | "oldSecret" | "oldUntil">,
  { id, body, now }: { id: string; body: string; now: number },
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const secrets = [secret, oldUntil > now ? oldSecret : undefined].filter((one) => one !== undefined);
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(secrets.length > 0 && {
      "webhook-signature": secrets.map((one) => signature(one, `${id}.${timestamp}.${body}`)).join(" "),
    }),
  };
}

const signature = (secret: string, content: string): string =>
  `v1,${createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(content)
    .digest("base64")}`;
