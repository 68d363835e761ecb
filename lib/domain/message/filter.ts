import { z } from "zod";
import { messageStates } from "@/lib/words";

/** The inbox's filter, as it stands in the URL. Dates are ISO strings; `from` is inclusive, `to` exclusive. */
export const messageFilter = z.object({
  state: z.enum(messageStates).optional(),
  job: z.uuid().optional(),
  text: z.string().trim().min(1).max(200).optional(),
  from: z.iso.datetime({ offset: true, local: true }).or(z.iso.date()).optional(),
  to: z.iso.datetime({ offset: true, local: true }).or(z.iso.date()).optional(),
});
export type MessageFilter = z.infer<typeof messageFilter>;

export const pageInput = z.object({
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** The smallest UUIDv7 of a moment: time-ordered ids make a date a range of the primary key. */
export function firstIdAt(moment: string | Date): string {
  const ms = Math.max(0, new Date(moment).getTime()).toString(16).padStart(12, "0").slice(-12);
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-000000000000`;
}
