"use client";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api } from "@/components/api";
import { useEditorPlace } from "@/components/editor/store";
import { Badge } from "@/components/ui/badge";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { namesMeant } from "./names-meant";

type Props = {
  open: boolean;
  onOpenChange(open: boolean): void;
  current: string;
  onChoose(name: string): void;
};

/** Adaptors that are known here, by a search; any other by its name, which is looked up when it is chosen. */
export function AdaptorDialog({ open, onOpenChange, current, onChoose }: Props) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        title="Choose an adaptor"
        description="The code stays as it is. What it can call changes."
      >
        <Choices
          current={current}
          onChoose={(name) => {
            onChoose(name);
            onOpenChange(false);
          }}
        />
      </DialogContent>
    </Dialog>
  );
}

function Choices({ current, onChoose }: Pick<Props, "current" | "onChoose">) {
  const { projectId } = useEditorPlace();
  const [text, setText] = useState("");
  const list = useId();
  const { data, error, isPending } = useQuery({
    queryKey: ["adaptors", projectId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/adaptors", {
        params: { project: projectId },
        query: { limit: 200 },
        signal,
      }),
    staleTime: 60_000,
  });
  const known = data?.items ?? [];
  const { found, other } = namesMeant(
    text,
    known.map(({ name }) => name),
  );
  const versionsOf = (name: string) => known.find((one) => one.name === name)?.versions ?? [];
  const first = found[0] ?? other;
  return (
    <div className="grid grid-cols-1 gap-3">
      <Field label="Search, or a name such as dhis2">
        <Input
          type="search"
          value={text}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          aria-controls={list}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && first) onChoose(first);
          }}
        />
      </Field>
      {error ? <p role="alert">{error.message}</p> : null}
      {isPending ? <Skeleton className="h-32" /> : null}
      <ul
        id={list}
        aria-label="Adaptors"
        className="grid max-h-[44vh] grid-cols-1 gap-0.5 overflow-y-auto p-0.5"
      >
        {found.map((name) => (
          <Choice key={name} name={name} isCurrent={name === current} onChoose={onChoose}>
            {versionWords(versionsOf(name).map(({ version }) => version))}
          </Choice>
        ))}
        {other ? (
          <Choice name={other} isCurrent={false} onChoose={onChoose}>
            not used or built here yet: it is looked up in the npm registry
          </Choice>
        ) : null}
      </ul>
      <p role="status" className="text-muted-foreground text-xs">
        {data && found.length === 0 && !other ? "Nothing here is called so. Write a whole name." : null}
      </p>
    </div>
  );
}

const shownVersions = 3;
const versionWords = (versions: string[]): string =>
  versions.length > shownVersions
    ? `${versions.slice(0, shownVersions).join(", ")} and ${versions.length - shownVersions} more`
    : versions.join(", ");

type ChoiceProps = { name: string; isCurrent: boolean; onChoose(name: string): void; children: string };

function Choice({ name, isCurrent, onChoose, children }: ChoiceProps) {
  return (
    <li>
      <button
        type="button"
        onClick={() => onChoose(name)}
        aria-current={isCurrent ? "true" : undefined}
        className="grid w-full gap-0.5 rounded-md px-3 py-2 text-left hover:bg-muted aria-[current]:bg-accent-soft"
      >
        <span className="flex flex-wrap items-center gap-2 font-mono text-[13px] [overflow-wrap:anywhere]">
          {name}
          {isCurrent ? <Badge>chosen</Badge> : null}
        </span>
        <span className="nums text-muted-foreground text-xs">{children}</span>
      </button>
    </li>
  );
}
