import { z } from "zod";
import { sqlJson } from "@/lib/sql-json";
import { charsetSources, readingNotes } from "@/lib/words";

const offset = z.int().nonnegative();

/** A file of a multipart body. It is stored once, in the body: `start` and `end` are where, counted after content codings. */
export const filePart = z.strictObject({
  /** The field that it was sent in. */
  field: z.string(),
  name: z.string(),
  type: z.string(),
  start: offset,
  end: offset,
  /** The part says that its bytes are base64. */
  isBase64: z.boolean().optional(),
});
export type FilePart = z.infer<typeof filePart>;

/** How a body was read, as far as it is not plain UTF-8 that is what its type says. */
export const reading = z
  .strictObject({
    codings: z
      .array(z.string())
      .optional()
      .meta({ description: "Content codings, in the order of the header." }),
    charset: z
      .strictObject({ name: z.string(), from: z.enum(charsetSources) })
      .optional()
      .meta({ description: "By the names of the WHATWG's Encoding standard, and where it was taken from." }),
    files: z.array(filePart).optional(),
    notes: z.array(z.enum(readingNotes)).optional(),
    parameters: z
      .array(z.tuple([z.string(), z.string()]))
      .optional()
      .meta({
        description:
          "The query's parameters as they were sent, when one is named twice: of those the last counts.",
      }),
    redacted: z
      .array(z.string())
      .optional()
      .meta({ description: "The project's paths whose values were redacted before it was stored." }),
    chosen: z.literal(true).optional().meta({ description: "A person chose the format." }),
  })
  .meta({ id: "Reading" });
export type Reading = z.infer<typeof reading>;
export type Charset = NonNullable<Reading["charset"]>;

/** As it is stored: with the query's parameters when the query alone does not say all of them; null for nothing to say. */
export function readingText(reading: Reading | null, parameters: Reading["parameters"]): string | null {
  if (!parameters) return reading && sqlJson(reading);
  return sqlJson({ ...reading, parameters });
}
