import { z } from "zod";
import type { ExactJson } from "@/lib/exact-json";
import { type Wiped, wipedSentence } from "@/lib/state/wiped";
import { isStorable } from "@/lib/text";
import { wipedForWords } from "@/lib/words";

/** The kinds of field that verbs take and answer. Pure. */

export const moment = z.iso.datetime().meta({ description: "ISO 8601, UTC." });

/** Any JSON value. Not looked into: it is somebody else's data. */
export const anyJson: z.ZodType<ExactJson> = z.any().meta({ description: "Any JSON value." });

export const jsonObject: z.ZodType<Record<string, unknown>> = z.record(z.string(), z.any());

export const unstorable = "A text holds a NUL character or half a character. Remove it.";

/** Text that PostgreSQL takes. */
export const storable = z.string().refine(isStorable, unstorable);

/** Hosts that may be reached, as they are stored; null where any may. */
export const hostList = z.array(z.string()).nullable();

/** An object that only names what it is about. */
export const named = z.strictObject({ id: z.uuid(), name: z.string() });

/** Of a row that a search found. */
export const searchExcerpt = z
  .string()
  .exactOptional()
  .meta({ description: "In a search: what stands around the words that were found." });

/** What is said where something was that is not kept any more. */
export const wipedNote = z
  .strictObject({
    at: moment,
    why: z.enum(wipedForWords),
    says: z.string().meta({ description: "When, why and after how many days, in a sentence." }),
  })
  .meta({
    id: "WipedNote",
    description: "What it said is wiped: sizes and states stay. null: it is there.",
  });

/** The note about a row; null while it is there. */
export const wipedNoteOf = (wiped: Wiped): z.infer<typeof wipedNote> | null =>
  wiped.wipedAt === null
    ? null
    : {
        at: new Date(wiped.wipedAt).toISOString(),
        why: wiped.wipedFor ?? "retention",
        says: wipedSentence(wiped),
      };
