"use client";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useState } from "react";
import { api } from "@/components/api";
import { Field } from "@/components/ui/field";
import { formatBytes, shortId } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { RelativeTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import type { RecentInput, SavedInput } from "@/lib/domain/dataclip/types";

/** What an input is chosen by. */
export const keyOf = ({ messageId, dataclipId }: RecentInput) => dataclipId ?? messageId ?? "";

type RecentProps = {
  projectId: string;
  workflowId: string;
  /** Of this job; null: of the workflow at its trigger. */
  jobId: string | null;
  /** The stored state or the message that is chosen. */
  chosenId: string | null;
  onChoose: (input: RecentInput) => void;
};

/** What the job, or the workflow at its trigger, last began with. */
export function RecentInputs({ projectId, workflowId, jobId, chosenId, onChoose }: RecentProps) {
  const { data, error } = useQuery({
    queryKey: ["recent-inputs", workflowId, jobId],
    queryFn: ({ signal }) =>
      jobId !== null
        ? api("GET /api/projects/[project]/jobs/[job]/dataclips", {
            params: { project: projectId, job: jobId },
            signal,
          })
        : api("GET /api/projects/[project]/workflows/[id]/dataclips", {
            params: { project: projectId, id: workflowId },
            signal,
          }),
    gcTime: 0,
  });
  return (
    <List
      items={data?.items}
      error={error}
      nothing="Nothing has begun here yet. Choose another kind of input."
    >
      {(items) => (
        <RadioGroup
          aria-label="Recent inputs"
          value={chosenId ?? ""}
          onValueChange={(key) => {
            const item = items.find((one) => keyOf(one) === key);
            if (item) onChoose(item);
          }}
        >
          {items.map((item) => (
            <RadioItem key={keyOf(item)} value={keyOf(item)}>
              <span className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-medium">{recentName(item)}</span>
                <span className="nums text-muted-foreground text-xs">
                  {formatBytes(item.size)}, <RelativeTime value={item.at} />
                </span>
              </span>
              {item.preview ? (
                <code className="line-clamp-2 font-mono text-muted-foreground text-xs">{item.preview}</code>
              ) : null}
            </RadioItem>
          ))}
        </RadioGroup>
      )}
    </List>
  );
}

function recentName({ name, dataclipId, messageId, type }: RecentInput): string {
  if (name) return name;
  if (dataclipId) return type === "step_result" ? "What the step before returned" : "A stored state";
  return `Message ${shortId(messageId ?? "")}`;
}

type SavedProps = { projectId: string; chosenId: string | null; onChoose: (input: SavedInput) => void };

/** The project's saved inputs, the first of those that match. */
export function SavedInputs({ projectId, chosenId, onChoose }: SavedProps) {
  const [search, setSearch] = useState("");
  const text = useDeferredValue(search.trim());
  const { data, error } = useQuery({
    queryKey: ["saved-inputs", projectId, text],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/dataclips", {
        params: { project: projectId },
        query: { text: text || null, limit: 20 },
        signal,
      }),
    gcTime: 0,
  });
  return (
    <div className="grid grid-cols-1 gap-3">
      <Field label="Search saved inputs" hideLabel>
        <Input
          type="search"
          placeholder="Search by name"
          value={search}
          maxLength={100}
          onChange={(event) => setSearch(event.target.value)}
        />
      </Field>
      <List
        items={data?.items}
        error={error}
        nothing={
          text
            ? "No saved input has this in its name."
            : "No input is saved yet. Paste one, and give it a name."
        }
      >
        {(items) => (
          <RadioGroup
            aria-label="Saved inputs"
            value={chosenId ?? ""}
            onValueChange={(id) => {
              const item = items.find((one) => one.id === id);
              if (item) onChoose(item);
            }}
            className="max-h-[32vh] overflow-y-auto p-0.5"
          >
            {items.map((item) => (
              <RadioItem key={item.id} value={item.id}>
                <span className="font-medium">{item.name}</span>{" "}
                <span className="nums text-muted-foreground text-xs">{formatBytes(item.size)}</span>
              </RadioItem>
            ))}
          </RadioGroup>
        )}
      </List>
      {data?.nextCursor ? (
        <p className="text-muted-foreground text-xs">There are more. Search for one by its name.</p>
      ) : null}
    </div>
  );
}

type ListProps<T> = {
  items: T[] | undefined;
  error: Error | null;
  nothing: string;
  children: (items: T[]) => ReactNode;
};

function List<T>({ items, error, nothing, children }: ListProps<T>) {
  if (error) return <p role="alert">{error.message}</p>;
  if (!items) return <Skeleton className="h-24" />;
  return items.length === 0 ? <p className="text-muted-foreground">{nothing}</p> : children(items);
}
