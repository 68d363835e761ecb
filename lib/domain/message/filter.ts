import { z } from "zod";
import { timeRange } from "@/lib/domain/page";
import { limits } from "@/lib/limits";
import { messageFilterStates } from "@/lib/words";
import { messageSetInfo } from "@/lib/workflow/outcome";

/** The inbox's filter, as it stands in the URL. */
export const messageFilter = timeRange.extend({
  state: z
    .enum(messageFilterStates)
    .optional()
    .meta({
      description: [
        ...Object.entries(messageSetInfo).map(([set, { meaning }]) => `\`${set}\`: ${meaning}`),
        "`waiting`: A run of it waits to start.",
        "`unmatched`: No trigger asked for it.",
      ].join(" "),
    }),
  job: z.uuid().optional(),
  text: z.string().trim().min(1).max(limits.searchText).optional(),
});
export type MessageFilter = z.infer<typeof messageFilter>;
