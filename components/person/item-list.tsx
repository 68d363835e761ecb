"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { shortId } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import type { PersonItem } from "@/lib/domain/person/schemas";
import type { PersonKind } from "@/lib/words";

type Props = {
  projectId: string;
  requestId: string;
  kind: PersonKind;
  /** Those that are left when the others are wiped; null where nothing can be chosen. */
  left: ReadonlySet<number> | null;
  onLeave: (seq: number, isLeft: boolean) => void;
};

const pageSize = 50;

/** The things of one kind: when, where in them, what stands around it, and the way to them. */
export function ItemList({ projectId, requestId, kind, left, onLeave }: Props) {
  const list = useInfiniteQuery({
    queryKey: ["person-items", projectId, requestId, kind],
    queryFn: ({ pageParam, signal }) =>
      api("GET /api/projects/[project]/persons/[person]/items", {
        params: { project: projectId, person: requestId },
        query: { kind, limit: pageSize, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ nextCursor }) => (nextCursor === null ? null : Number(nextCursor)),
  });
  if (list.error) return <p className="px-4 py-3 text-sm">{list.error.message}</p>;
  if (!list.data) return <p className="px-4 py-3 text-muted-foreground text-sm">One moment…</p>;
  return (
    <>
      <ul className="divide-y border-t">
        {list.data.pages
          .flatMap((page) => page.items)
          .map((item) => (
            <Item key={item.seq} {...{ projectId, item, left, onLeave }} />
          ))}
      </ul>
      {list.hasNextPage ? (
        <div className="flex justify-center border-t p-2">
          <Button
            variant="outline"
            disabled={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            More
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Item({
  projectId,
  item,
  left,
  onLeave,
}: Pick<Props, "projectId" | "left" | "onLeave"> & { item: PersonItem }) {
  const href = hrefOf(projectId, item);
  const id = `item-${item.seq}`;
  return (
    <li className="flex gap-3 px-4 py-2 text-[13px]">
      {left ? (
        <Checkbox
          id={id}
          aria-label={`Wipe ${shortId(item.itemId)}`}
          className="mt-0.5"
          checked={!left.has(item.seq)}
          onCheckedChange={(checked) => onLeave(item.seq, !checked)}
        />
      ) : null}
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          {href ? (
            <Link prefetch={false} href={href} className="nums font-mono text-accent text-xs hover:underline">
              {shortId(item.itemId)}
            </Link>
          ) : (
            <span className="nums font-mono text-xs">{shortId(item.itemId)}</span>
          )}
          <span className="text-muted-foreground text-xs">
            <RelativeTime value={item.at} />
          </span>
          {item.places.map((place) => (
            <Badge key={place}>{place.replaceAll("_", " ")}</Badge>
          ))}
          {item.via === "made" ? (
            <span className="text-muted-foreground text-xs">made of what holds a key</span>
          ) : null}
          {item.wipedAt ? <Badge>wiped</Badge> : null}
        </div>
        {item.excerpt ? (
          <p className="mt-0.5 truncate font-mono text-muted-foreground text-xs" title={item.excerpt}>
            {item.excerpt}
          </p>
        ) : null}
      </div>
    </li>
  );
}

function hrefOf(projectId: string, { kind, itemId, messageId, runId, source }: PersonItem): string | null {
  const project = `/p/${projectId}`;
  if (kind === "message") return `${project}/inbox/${itemId}`;
  if (kind === "refused") return `${project}/inbox/refused/${itemId}`;
  if (kind === "bulk_act") return `${project}/bulk/${itemId}`;
  if (kind === "issue") return `${project}/issues/${itemId}`;
  if (kind === "setting") return `${project}/settings`;
  if (kind === "code") return source?.startsWith("library") ? `${project}/library` : `${project}/workflows`;
  if (runId) return `${project}/runs/${runId}`;
  return messageId ? `${project}/inbox/${messageId}` : null;
}
