"use client";
import { Database } from "lucide-react";
import Link from "next/link";
import { Nothing, Row, RowName, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { formatBytes } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import { useApi } from "@/components/use-api";
import type { CollectionSummary } from "@/lib/domain/collection/list";
import { CollectionDialog } from "./collection-dialog";

type Props = { projectId: string; collections: CollectionSummary[]; canManage: boolean };

/** A project's collections: how much each holds, and what can be done with it. */
export function Collections({ projectId, collections, canManage }: Props) {
  return (
    <Section
      title="Collections"
      description={
        <>
          Every job has them besides its adaptor:{" "}
          <code className="font-mono text-xs">collections.get("name", "key")</code>, and set, each and remove.
        </>
      }
      flush
      action={canManage ? <CollectionDialog projectId={projectId} /> : null}
    >
      {collections.length === 0 ? <Nothing>No collection yet.</Nothing> : null}
      <ul>
        {collections.map((one) => (
          <Collection key={one.id} projectId={projectId} collection={one} canManage={canManage} />
        ))}
      </ul>
    </Section>
  );
}

type CollectionProps = { projectId: string; collection: CollectionSummary; canManage: boolean };

function Collection({ projectId, collection, canManage }: CollectionProps) {
  const { id, name, items, bytes, updatedAt } = collection;
  const count = `${items.toLocaleString("en-US")} ${items === 1 ? "item" : "items"}`;
  const remove = useApi({
    send: () =>
      api("DELETE /api/projects/[project]/collections/[collection]", {
        params: { project: projectId, collection: id },
      }),
    message: "The collection is deleted.",
  });
  return (
    <Row
      actions={
        canManage ? (
          <>
            <CollectionDialog projectId={projectId} collection={collection} />
            <Confirm
              trigger={
                <Button variant="outline" size="sm" aria-label={`Delete ${name}`}>
                  Delete
                </Button>
              }
              title={`Delete ${name}?`}
              description={`${items === 0 ? "It is empty." : `Its ${count} are gone for good.`} Jobs that use it fail until there is one of this name again.`}
              action="Delete collection"
              destructive
              onConfirm={() => remove.mutate(undefined)}
            />
          </>
        ) : null
      }
    >
      <RowName
        icon={<Database aria-hidden className="text-muted-foreground" />}
        name={
          <Link href={`/p/${projectId}/collections/${id}`} className="text-accent hover:underline">
            {name}
          </Link>
        }
      />
      <span className="text-muted-foreground text-xs">
        {count}, {formatBytes(bytes)}, changed <RelativeTime value={updatedAt} />
      </span>
    </Row>
  );
}
