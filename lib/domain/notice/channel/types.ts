import { z } from "zod";
import { storable } from "@/lib/domain/fields";
import { channelTypes } from "@/lib/words";

export const channelName = storable.trim().min(1, "Enter a name, such as On-call.").max(100);

const plainAddress = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password;
};

/** What notices are posted to. It is sealed, and no answer holds it. */
export const channelUrl = storable
  .trim()
  .max(2_000)
  .refine(plainAddress, "Enter an address that begins with https://, without a user name or password in it.")
  .transform((text) => new URL(text).href);

export const channelSummary = z.strictObject({
  id: z.string(),
  name: z.string(),
  type: z.enum(channelTypes),
  host: z.string().meta({ description: "Of its address, which nobody is shown again." }),
  disabledAt: z.string().nullable().meta({ description: "Switched off since then; null while it is on." }),
  failures: z.number().meta({ description: "Since it took something last." }),
  failingSince: z.string().nullable(),
  pausedUntil: z.string().nullable().meta({ description: "Nothing is sent before, after failures." }),
  lastError: z.string().nullable(),
  lastSentAt: z.string().nullable(),
  createdAt: z.string(),
});
export type ChannelSummary = z.infer<typeof channelSummary>;

export const channelId = z.strictObject({ channelId: z.uuid() });
