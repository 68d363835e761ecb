import { KeyRound } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { parseAsString, type SearchParams } from "nuqs/server";
import { Nothing, Section } from "@/components/account/section";
import { withQuery } from "@/components/api";
import { compact } from "@/components/query";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { formatBytes } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import { PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { pageProject } from "@/lib/auth/context";
import { type CollectionItem, getCollection, itemsQuery, listItems } from "@/lib/domain/collection/browse";
import { isMaskedFor } from "@/lib/domain/collection/show";
import { Refusal } from "@/lib/refusal";

export const metadata: Metadata = { title: "Collection" };

const pageParams = { key: parseAsString, cursor: parseAsString };

type Props = {
  params: Promise<{ project: string; collection: string }>;
  searchParams: Promise<SearchParams>;
};

export default async function CollectionPage({ params, searchParams }: Props) {
  const { project, collection: id } = await params;
  const ctx = await pageProject(project);
  const collection = await getCollection(ctx, { id }).catch(orNotFound);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/collections/${collection.id}`;
  const strange = strangeParams(given, pageParams, itemsQuery);
  if (strange.length > 0) return <StrangeAddress title={collection.name} {...{ path, given, strange }} />;
  const isMasked = await isMaskedFor(ctx);
  const key = isMasked ? null : pageParams.key.parseServerSide(given.key);
  const cursor = pageParams.cursor.parseServerSide(given.cursor);
  const { items, nextCursor } = await listItems(ctx, { id: collection.id, ...compact({ key, cursor }) });
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        parent={<Link href={`/p/${ctx.project.id}/collections`}>Collections</Link>}
        title={collection.name}
        description={`${collection.items.toLocaleString("en-US")} ${collection.items === 1 ? "item" : "items"}, ${formatBytes(collection.bytes)}.`}
      />
      <div className="grid gap-4">
        {isMasked ? (
          <p className="text-muted-foreground">
            Keys and values are masked for your role in this project, so none can be looked for.
          </p>
        ) : (
          <form action={path} className="flex flex-wrap gap-2">
            <Input
              name="key"
              defaultValue={key ?? ""}
              aria-label="Key, with * for any text"
              placeholder="visit:*"
              spellCheck={false}
              autoComplete="off"
              className="max-w-sm font-mono text-xs"
            />
            <Button type="submit" variant="outline">
              Find keys
            </Button>
          </form>
        )}
        <Section title="Items" description="In the order in which they were added." flush>
          {items.length === 0 ? <Nothing>{key ? "No such key." : "It is empty."}</Nothing> : null}
          <ul>
            {items.map((item) => (
              <Item key={item.id} item={item} />
            ))}
          </ul>
        </Section>
        {nextCursor ? (
          <Button asChild variant="outline" className="justify-self-start">
            <Link href={withQuery(path, compact({ key, cursor: nextCursor }))}>More items</Link>
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function orNotFound(error: unknown): never {
  if (error instanceof Refusal && error.code === "not_found") notFound();
  throw error;
}

const Item = ({ item: { key, preview, chars, updated } }: { item: CollectionItem }) => (
  <li className="border-b last:border-b-0">
    <details>
      <summary className="flex cursor-pointer flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
        <span className="flex min-w-0 flex-1 basis-56 items-start gap-2 font-medium">
          <KeyRound aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
          <code className="min-w-0 font-mono text-xs [overflow-wrap:anywhere]">{key}</code>
        </span>
        <span className="text-muted-foreground text-xs">
          {chars === null ? null : `${chars.toLocaleString("en-US")} characters, `}
          changed <RelativeTime value={updated} />
        </span>
      </summary>
      <pre className="max-h-96 overflow-auto whitespace-pre-wrap border-t bg-muted px-4 py-3 font-mono text-xs [overflow-wrap:anywhere]">
        {preview}
        {chars !== null && chars > preview.length ? "…" : ""}
      </pre>
    </details>
  </li>
);
