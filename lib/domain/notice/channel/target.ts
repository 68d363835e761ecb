import { randomBytes } from "node:crypto";
import { z } from "zod";
import { open, seal } from "@/lib/crypto/envelope";

const channelTarget = z.object({
  url: z.string(),
  /** What a webhook's requests are signed with: `whsec_` and base64. Slack-compatible ones have none. */
  secret: z.string().optional(),
  /** The one before, which signs beside it until then (milliseconds since the epoch). */
  oldSecret: z.string().optional(),
  oldUntil: z.number().optional(),
});
export type ChannelTarget = z.infer<typeof channelTarget>;

/** What a channel's target is sealed for. */
export const channelContext = (projectId: string, channelId: string): string =>
  `notice channel ${projectId} ${channelId}`;

export const sealTarget = (projectId: string, channelId: string, target: ChannelTarget): string =>
  seal(JSON.stringify(target), channelContext(projectId, channelId));

/** Throws when no configured key opens it. */
export const openTarget = (projectId: string, channelId: string, sealed: string): ChannelTarget =>
  channelTarget.parse(JSON.parse(open(sealed, channelContext(projectId, channelId))));

/** A new secret in the form of Standard Webhooks. */
export const newChannelSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;
