"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { shortId } from "@/components/ui/format";
import type { BulkActDetail, BulkRefusal } from "@/lib/domain/bulk/schemas";
import type { Page } from "@/lib/domain/page";

type Props = { projectId: string; act: BulkActDetail; initial: Page<BulkRefusal> };

const pageSize = 50;

/** What an act could not do: how many for each reason, then each item. */
export function RefusalList({ projectId, act, initial }: Props) {
  const list = useInfiniteQuery({
    queryKey: ["bulk-refusals", projectId, act.id, act.refused],
    queryFn: ({ pageParam, signal }) =>
      api("GET /api/projects/[project]/bulk-acts/[id]/refusals", {
        params: { project: projectId, id: act.id },
        query: { limit: pageSize, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: { pages: [initial], pageParams: [null] },
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const placeOf = act.target === "messages" ? "inbox" : act.target === "runs" ? "runs" : null;
  return (
    <section aria-labelledby="refused" className="mt-6 grid gap-2.5">
      <h2 id="refused" className="font-semibold text-base">
        Could not be done
      </h2>
      <ul className="grid gap-1">
        {act.refusals.map(({ reason, meaning, count }) => (
          <li key={reason}>
            <span className="nums font-medium">{count.toLocaleString("en")}</span>{" "}
            <span className="text-muted-foreground">{meaning}</span>
          </li>
        ))}
      </ul>
      <ul className="grid divide-y rounded-lg border bg-card">
        {items.map(({ itemId, meaning }) => (
          <li key={itemId} className="flex flex-wrap gap-x-3 px-3 py-1.75 text-[13px]">
            {placeOf ? (
              <Link
                prefetch={false}
                href={`/p/${projectId}/${placeOf}/${itemId}`}
                className="nums font-mono text-accent text-xs leading-5 hover:underline"
              >
                <span className="sr-only">{placeOf === "inbox" ? "Message " : "Run "}</span>
                {shortId(itemId)}
              </Link>
            ) : (
              <span className="nums font-mono text-xs leading-5">{shortId(itemId)}</span>
            )}
            <span className="text-muted-foreground">{meaning}</span>
          </li>
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button
          variant="outline"
          className="justify-self-center"
          disabled={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          More
        </Button>
      ) : null}
    </section>
  );
}
