import { z } from "zod";
import { asWork } from "@/db/deadline";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { heavyRead, turnOfOne } from "@/lib/domain/heavy-read";
import { timelinePageInput } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { Refusal } from "@/lib/refusal";
import { timeOfId } from "@/lib/time-ordered-id";
import { messageFilter, searchText } from "./filter";
import { type FoundPage, foundMessages } from "./list";
import { messageRow } from "./types";

export const searchInput = messageFilter.extend({ ...timelinePageInput.shape, text: searchText });

export const searchPart = z
  .strictObject({
    items: z.array(messageRow).meta({ description: "What was found since the line before, newest first." }),
    nextCursor: z.string().nullable().meta({
      description:
        "`cursor` of a search that goes on from here, also if no other line comes; null: all was looked at.",
    }),
    lookedBackTo: moment.nullable().meta({ description: "How far back it has come." }),
    end: z.enum(["everything", "page", "time", "busy"]).nullable().meta({
      description:
        "Of the last line, why it ends: everything was looked at, the page is full, it took long enough, or searches of the project wait for each other. null: it goes on.",
    }),
  })
  .meta({ id: "SearchPart" });
export type SearchPart = z.infer<typeof searchPart>;

/** How long one search goes on, how long a part of it may take, and how many messages are looked at for one. */
const usual = { wholeMs: 30_000, partMs: 300, first: 1_000, least: 200, most: 20_000 };

/**
 * Looks through the inbox for a text, newest first, and tells what it finds and how far back it has come as it goes. One
 * search of a person at a time; between its parts, others of the project have their turn. It ends with the signal: nothing
 * is asked of the database from then on. Throws `limit` while another search of the person runs.
 */
export async function* searchInbox(
  ctx: Context,
  input: z.input<typeof searchInput>,
  signal: AbortSignal,
  bounds = usual,
): AsyncGenerator<SearchPart, void> {
  requirePermission(ctx, "message.read");
  const { cursor: first, limit, ...filter } = searchInput.parse(input);
  // Whoever goes on with a generator does so in a context of their own.
  const asRead = <T>(read: () => Promise<T>) => asWork({ kind: "read", signal }, read);
  const leave = await asRead(() => turnOfOne(ctx));
  try {
    const until = performance.now() + bounds.wholeMs;
    let cursor = first;
    let left = limit;
    let window = bounds.first;
    for (;;) {
      const part = await asRead(() => partOf(ctx, filter, { cursor, limit: left, window })).catch(
        (error: unknown) => {
          // What it has said already stands, and where it goes on.
          if (cursor !== first && error instanceof Refusal && error.code === "limit") return null;
          throw error;
        },
      );
      if (part === null) {
        yield {
          items: [],
          nextCursor: cursor ?? null,
          lookedBackTo: cursor ? timeOfId(cursor) : null,
          end: "busy",
        };
        return;
      }
      const { items, nextCursor, tookMs } = part;
      left -= items.length;
      const isLate = performance.now() > until;
      const end = nextCursor === null ? "everything" : left <= 0 ? "page" : isLate ? "time" : null;
      yield { items, nextCursor, lookedBackTo: nextCursor && timeOfId(nextCursor), end };
      if (end !== null || nextCursor === null) return;
      cursor = nextCursor;
      window = Math.round(
        Math.min(bounds.most, Math.max(bounds.least, window * Math.min(4, bounds.partMs / tookMs))),
      );
    }
  } finally {
    leave();
  }
}

const partOf = (ctx: Context, filter: z.output<typeof messageFilter> & { text: string }, page: FoundPage) =>
  heavyRead(ctx.project.id, async () => {
    const began = performance.now();
    const found = await foundMessages(ctx, filter, page);
    return { ...found, tookMs: performance.now() - began };
  });
