import { eq } from "drizzle-orm";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { limits } from "@/lib/limits";
import { certify } from "./certify";
import { markCursors } from "./cursors";
import { finderOf, openKeys } from "./keys";
import { places } from "./places";
import { isStill, keepItems, type RequestRow, update } from "./rows";

/** Looks through the next page of what is to be looked through, and moves the search on behind it: one transaction. */
export async function scanPage(ctx: Context, request: RequestRow): Promise<void> {
  const { id, projectId, sealed, until, cursor, state } = request;
  const place = places[request.place];
  if (!place || sealed === null) throw new Error("There is nothing to look through.");
  const isFirst = state === "scanning";
  const finder = await finderOf(projectId, openKeys(projectId, sealed));
  const page = await place.page({
    db: ctx.db,
    projectId,
    requestId: id,
    finder,
    until,
    cursor,
    withMade: isFirst,
  });
  const part = page.cursor === null ? 0 : partOf(await beginningOf(ctx), page.cursor, until);
  await write(ctx, "own", async (tx) => {
    const nothing = { result: undefined, audit: null, changed: null };
    if (!(await isStill(tx, request))) return nothing;
    const found = request.found + (await keepItems(tx, request, page.items));
    const seen = request.seen + page.seen;
    if (found > limits.personItems) {
      await update(tx, request, {
        state: "failed",
        found,
        seen,
        problem: tooManyWords,
        endedAt: new Date(),
        sealed: null,
      });
      return nothing;
    }
    if (page.cursor !== null) {
      await update(tx, request, { found, seen, cursor: page.cursor, part });
      return nothing;
    }
    const next = request.place + 1;
    const moved = { found, seen, place: next, cursor: null, part: 0 };
    if (next < places.length) await update(tx, request, moved);
    else if (isFirst) {
      await markCursors(tx, request);
      await update(tx, request, { ...moved, state: "found" });
    } else {
      await update(tx, request, moved);
      await certify({ ...ctx, db: tx }, { ...request, ...moved });
    }
    return nothing;
  });
}

const tooManyWords = `More than ${limits.personItems.toLocaleString("en-US")} things hold one of these keys, so they hardly tell one person apart. Look for something that fewer things hold.`;

/** When the project's oldest things may be from, in milliseconds since the epoch. */
async function beginningOf({ db, project }: Context): Promise<number> {
  const [row] = await db
    .select({ createdAt: projects.createdAt })
    .from(projects)
    .where(eq(projects.id, project.id));
  return row?.createdAt.getTime() ?? 0;
}

/** How much of a place is behind a cursor, told by the times in ids. */
function partOf(start: number, cursor: string, until: string): number {
  const [at, end] = [timeOf(cursor), timeOf(until)];
  return end > start ? Math.min(1, Math.max(0, (at - start) / (end - start))) : 0;
}

/** Milliseconds since the epoch, of a time-ordered id. */
const timeOf = (id: string): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
