import { z } from "zod";
import { timeRange } from "@/lib/domain/page";
import { limits } from "@/lib/limits";
import { messageFilterStates } from "@/lib/words";
import { messageSetInfo } from "@/lib/workflow/outcome";

/** What lists of messages and runs are searched for. */
export const searchText = z.string().trim().min(1).max(limits.searchText).meta({
  description:
    'Words, all of which must be there; a phrase in quotes, with `""` for a quote in it. Every character stands for itself, in small letters or capitals, however the sender escaped or compressed it. Or the first eight characters or more of an id.',
});

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
        "`test`: It came to the test URL of a draft.",
        "`rejected`: The plan's limit keeps a work order of it from running.",
      ].join(" "),
    }),
  job: z.uuid().optional(),
  text: searchText.optional(),
});
export type MessageFilter = z.infer<typeof messageFilter>;
