import { z } from "zod";
import type { ExactJson } from "@/lib/exact-json";
import { isStorable } from "@/lib/text";

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
