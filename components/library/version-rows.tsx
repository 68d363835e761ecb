"use client";
import { useState } from "react";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { adaptorWords } from "@/components/workflows/edge-words";
import type { LibraryVersion } from "@/lib/domain/library/types";
import { EntryDifference } from "./entry-difference";

type Props = { projectId: string; entryId: string; versions: LibraryVersion[] };

/** The versions, newest first; each opens to what it changed. */
export function VersionRows({ projectId, entryId, versions }: Props) {
  return (
    <ul>
      {versions.map((version, index) => (
        <VersionRow
          key={version.version}
          {...{ projectId, entryId, version }}
          before={versions[index + 1]?.version}
        />
      ))}
    </ul>
  );
}

type RowProps = {
  projectId: string;
  entryId: string;
  version: LibraryVersion;
  before: number | undefined;
};

function VersionRow({ projectId, entryId, version, before }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const { version: number, note, createdBy, createdAt } = version;
  const head = (
    <span className="nums">
      <span className="font-medium">Version {number}</span>{" "}
      <span className="text-muted-foreground text-xs [overflow-wrap:anywhere]">
        <AbsoluteTime value={createdAt} />
        {createdBy ? `, by ${createdBy}` : ""}, {adaptorWords(version)}
      </span>{" "}
      {note ? <span className="[overflow-wrap:anywhere]">{note}</span> : null}
    </span>
  );
  if (before === undefined) return <li className="border-b px-4 py-2.5 last:border-b-0">{head}</li>;
  return (
    <li className="border-b last:border-b-0">
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="cursor-pointer px-4 py-2.5 hover:bg-muted focus-visible:-outline-offset-2">
          {head}
        </summary>
        <div className="px-4 pt-1 pb-4">
          {isOpen ? <EntryDifference {...{ projectId, entryId }} from={before} to={number} /> : null}
        </div>
      </details>
    </li>
  );
}
