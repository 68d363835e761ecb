import { z } from "zod";
import { moment, storable } from "@/lib/domain/fields";
import { limits, orSay } from "@/lib/limits";
import { dataclipTypes } from "@/lib/words";

/** What a saved input is called. */
export const inputName = storable
  .trim()
  .min(1, "Give it a name.")
  .max(limits.inputName, orSay("inputName", "It"));

/** A state that people named: it is kept whatever becomes of the run that it is from. */
export const savedInput = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    type: z.enum(dataclipTypes),
    size: z.int(),
    createdAt: moment,
  })
  .meta({ id: "SavedInput" });
export type SavedInput = z.infer<typeof savedInput>;

/** What something began with: a message, or a stored state. */
export const recentInput = z
  .strictObject({
    messageId: z.uuid().nullable(),
    dataclipId: z.uuid().nullable().meta({ description: "Null: the message itself." }),
    name: z.string().nullable().meta({ description: "Of a saved input." }),
    type: z.enum(dataclipTypes).nullable(),
    size: z.int(),
    preview: z.string().nullable().meta({ description: "The first characters of a message." }),
    at: moment.meta({ description: "When something last began with it." }),
  })
  .meta({ id: "RecentInput" });
export type RecentInput = z.infer<typeof recentInput>;
