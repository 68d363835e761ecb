import { z } from "zod";
import { timeRange } from "@/lib/domain/page";
import { limits } from "@/lib/limits";
import { messageStates } from "@/lib/words";

/** The inbox's filter, as it stands in the URL. */
export const messageFilter = timeRange.extend({
  state: z.enum(messageStates).optional(),
  job: z.uuid().optional(),
  text: z.string().trim().min(1).max(limits.searchText).optional(),
});
export type MessageFilter = z.infer<typeof messageFilter>;
