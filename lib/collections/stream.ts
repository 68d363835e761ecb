import { asWork } from "@/db/deadline";
import { inTurn } from "@/lib/domain/collection/items";
import { type ItemsPage, listCollectionItems, type StoredItem } from "@/lib/domain/collection/list-items";
import type { Shown } from "@/lib/domain/collection/show";
import type { Opened } from "./door";
import { type ListQuery, writeCursor } from "./query";

/** Items of one answer to the database. What is larger than a page by its bytes comes in several. */
const pageItems = 500;

/** An item as clients get it. */
export const shownItem = ({ key, value, created, updated }: StoredItem) => ({ key, value, created, updated });

/**
 * The items of a collection as JSON text, `{"items":[…],"cursor":…}`, read page by page as the client takes it: nothing is
 * held meanwhile, neither a connection nor more than a page, and nothing is read for a client that has gone.
 */
export async function streamItems(
  { access, collection }: Opened,
  { filter, cursor, limit }: ListQuery,
  shown: Shown,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { db, project } = access;
  const encoder = new TextEncoder();
  const query = { projectId: project.id, contentsId: collection.contentsId, filter };
  const read = (after: string | null, most: number): Promise<ItemsPage> =>
    asWork({ kind: "read", signal }, () =>
      inTurn(project.id, () => listCollectionItems(db, { ...query, most }, after), signal),
    );
  // Before anything is answered, so that what is wrong can still be said by a status.
  let next: ItemsPage | null = await read(cursor, Math.min(pageItems, limit));
  let last = cursor;
  let sent = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const page: ItemsPage = next ?? (await read(last, Math.min(pageItems, limit - sent)));
        next = null;
        const texts = page.items.map((one) => JSON.stringify(shownItem(shown.item(one))));
        const isFirst = sent === 0;
        sent += texts.length;
        last = page.items.at(-1)?.id ?? last;
        const isDone = page.isLast || sent >= limit;
        const head = isFirst ? '{"items":[' : texts.length > 0 ? "," : "";
        const more = isDone && !page.isLast && last !== null ? writeCursor(last) : null;
        const tail = isDone ? `],"cursor":${JSON.stringify(more)}}` : "";
        controller.enqueue(encoder.encode(head + texts.join(",") + tail));
        if (isDone) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
