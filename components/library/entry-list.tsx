"use client";
import Link from "next/link";
import { useQueryState } from "nuqs";
import { useTransition } from "react";
import { withQuery } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Field } from "@/components/ui/field";
import { formatCount } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import type { LibraryRow } from "@/lib/domain/library/types";

type Props = {
  projectId: string;
  items: LibraryRow[];
  shown: string | undefined;
  text: string;
  hasMore: boolean;
};

/** The entries by name, each with how many jobs are of it. */
export function EntryList({ projectId, items, shown, text, hasMore }: Props) {
  const [, startTransition] = useTransition();
  const [search, setSearch] = useQueryState("text", {
    defaultValue: "",
    shallow: false,
    startTransition,
    throttleMs: 300,
  });
  return (
    <div className="grid gap-2">
      <Field label="Search the library" hideLabel>
        <Input
          type="search"
          placeholder="Search by name"
          value={search}
          maxLength={100}
          onChange={(event) => void setSearch(event.target.value || null)}
        />
      </Field>
      <nav aria-label="Library entries" className="overflow-hidden rounded-lg border bg-card">
        <ul>
          {items.map(({ id, name, version, uses, behind }) => (
            <li key={id} className="border-b last:border-b-0">
              <Link
                href={withQuery(`/p/${projectId}/library`, { entry: id, text })}
                aria-current={id === shown ? "true" : undefined}
                className="grid gap-0.5 px-4 py-2.5 hover:bg-muted focus-visible:-outline-offset-2 aria-[current]:bg-muted"
              >
                <span className="flex flex-wrap items-center gap-2">
                  <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
                  {behind > 0 ? <Badge>{formatCount(behind, "job")} behind</Badge> : null}
                </span>
                <span className="nums text-muted-foreground text-xs">
                  version {version}, {uses === 0 ? "no job is of it" : formatCount(uses, "job")}
                </span>
              </Link>
            </li>
          ))}
          {items.length === 0 ? (
            <li className="px-4 py-3 text-muted-foreground">No entry has this in its name.</li>
          ) : null}
        </ul>
      </nav>
      {hasMore ? (
        <p className="text-muted-foreground text-xs">There are more. Search for one by its name.</p>
      ) : null}
    </div>
  );
}
