import { z } from "zod";
import { invalid } from "@/lib/refusal";

/** Counting stops here, and so do numbered pages: what lies deeper is narrowed down to by time. */
export const countedEntries = 10_000;

const maxPageSize = 100;

/** OpenFn's pages: a number, and how many entries each has; more than a hundred are a hundred. */
export const numberedInput = z.strictObject({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .transform((size) => Math.min(size, maxPageSize)),
});
type Asked = z.output<typeof numberedInput>;

export type Numbered<T> = {
  items: T[];
  total: number;
  totalPages: number;
  page: number;
  pageSize: number;
};

export type Place = Omit<Numbered<unknown>, "items"> & { offset: number };

/**
 * Where a page lies among what was counted; one behind the last is the last, as in OpenFn. Throws `invalid` behind what is
 * counted, where there may be more: there is more than is counted, or `isMore`.
 */
export function placeOf({ page: asked, page_size: pageSize }: Asked, counted: number, isMore = false): Place {
  const total = Math.min(counted, countedEntries);
  if (counted > countedEntries && asked * pageSize > countedEntries) throw tooDeep();
  const totalPages = Math.max(1, Math.ceil(total / pageSize));
  if (isMore && asked > totalPages) throw tooDeep();
  const page = Math.min(asked, totalPages);
  return { total, totalPages, page, pageSize, offset: (page - 1) * pageSize };
}

function tooDeep() {
  const sentence = `Pages reach ${countedEntries} entries deep. Ask for less, e.g. a shorter range of time (inserted_after, inserted_before).`;
  return invalid(sentence, { error: sentence, errors: { page: [sentence] } });
}

/** A page of what is all at hand. */
export function numberedOf<T>(all: readonly T[], asked: Asked): Numbered<T> {
  const { offset, ...place } = placeOf(asked, all.length);
  return { ...place, items: all.slice(offset, offset + place.pageSize) };
}

/** A moment of OpenFn's filters, ISO 8601; refused in OpenFn's words. */
export const openfnMoment = z
  .string()
  .max(100)
  .optional()
  .meta({ description: "A moment, ISO 8601, e.g. 2026-01-31T12:00:00Z." });

const isMoment = z.iso.datetime({ offset: true, local: true }).or(z.iso.date());

/** Throws `invalid`, in OpenFn's words, for the first of these that is no moment. */
export function refuseNoMoments(values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && !isMoment.safeParse(value).success)
      throw invalidIn(name, `Invalid datetime format for '${name}': ${value.slice(0, 100)}. Use ISO 8601.`);
}

/** What is wrong with one of OpenFn's filters. */
export const invalidIn = (name: string, sentence: string) =>
  invalid(sentence, { error: sentence, errors: { [name]: [sentence] } });

/** Several words of one filter, as OpenFn takes them: with commas between. */
export const wordsIn = (list: string | undefined): string[] | undefined =>
  list
    ?.split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
