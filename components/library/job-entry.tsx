"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { Skeleton } from "@/components/ui/skeleton";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { JobNode } from "@/lib/workflow/types";
import { NameFields, textsOf } from "./fields";
import { useEntries } from "./use-entries";

type Props = { projectId: string; workflowId: string; job: JobNode; mayWrite: boolean };

/** The library entry that a job is of; without one, the ways to get one. */
export function JobEntry(props: Props) {
  const { projectId, job, mayWrite } = props;
  if (job.libraryJobId !== null)
    return <EntryLink projectId={projectId} entryId={job.libraryJobId} version={job.libraryVersion} />;
  if (!mayWrite) return <span className="text-muted-foreground">none: the code is its own</span>;
  return (
    <span className="flex flex-wrap gap-2">
      <AddDialog {...props} />
      <UseDialog {...props} />
    </span>
  );
}

type LinkProps = { projectId: string; entryId: string; version: number | null };

/** An entry of the library and the version of it that a job has; says when there is a newer one. */
export function EntryLink({ projectId, entryId, version }: LinkProps) {
  const { data, error } = useQuery({
    queryKey: ["library-entry", entryId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/library/[entry]", {
        params: { project: projectId, entry: entryId },
        signal,
      }),
    retry: false,
  });
  if (error) return <span className="text-muted-foreground">an entry that is not there any more</span>;
  return (
    <span className="nums inline-flex flex-wrap items-center gap-2">
      <Link
        href={`/p/${projectId}/library?entry=${entryId}`}
        className="underline decoration-input underline-offset-3 hover:decoration-current"
      >
        {data?.name ?? "…"}, version {version}
      </Link>
      {data && data.version !== version ? <Badge>{data.version} is the newest</Badge> : null}
    </span>
  );
}

/** Makes an entry of the job, which is of it from then on. */
function AddDialog({ projectId, workflowId, job }: Props) {
  const [isOpen, setOpen] = useState(false);
  const add = useApi({
    send: (form: FormData) =>
      api("POST /api/projects/[project]/library", {
        params: { project: projectId },
        body: { ...textsOf(form), workflowId, jobId: job.id },
      }),
    message: "The job is of the library now.",
    done: () => setOpen(false),
    hasForm: true,
  });
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm" variant="outline">
          Add to library
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`Add ${job.name} to the library`}
        description="Other workflows can use its code then. It changes by new versions, which each of them takes over."
      >
        <Form
          saved={add.isSuccess}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate(new FormData(event.currentTarget));
          }}
          className="grid grid-cols-1 gap-4"
        >
          <NameFields name={job.name} />
          <FormError>{add.error?.message}</FormError>
          <DialogFooter className="mt-0">
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={add.isPending}>
              Add it
            </Button>
          </DialogFooter>
        </Form>
      </DialogContent>
    </Dialog>
  );
}

/** Replaces the job's code by that of an entry. */
function UseDialog({ projectId, workflowId, job }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [entry, setEntry] = useState("");
  const entries = useEntries(projectId, isOpen);
  const use = useApi({
    send: () =>
      api("POST /api/projects/[project]/library/[entry]/jobs", {
        params: { project: projectId, entry },
        body: { workflowId, jobId: job.id },
      }),
    message: "The job has the entry's code now.",
    done: () => setOpen(false),
    hasForm: true,
  });
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm" variant="outline">
          Use an entry
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`Use an entry for ${job.name}`}
        description="Its code and adaptor are replaced by the entry's newest version. What is there now stays in the workflow's versions."
      >
        {entries.error ? <p role="alert">{entries.error.message}</p> : null}
        {entries.isPending ? <Skeleton className="h-24" /> : null}
        {entries.data?.items.length === 0 ? (
          <p className="text-muted-foreground">The library is empty. Add a job to it first.</p>
        ) : null}
        <RadioGroup
          aria-label="Library entries"
          value={entry}
          onValueChange={setEntry}
          className="max-h-[40vh] overflow-y-auto p-0.5"
        >
          {entries.data?.items.map(({ id, name, version, description }) => (
            <RadioItem key={id} value={id}>
              <span className="font-medium">{name}</span>{" "}
              <span className="nums text-muted-foreground text-xs">version {version}</span>
              {description ? (
                <span className="block text-muted-foreground text-xs">{description}</span>
              ) : null}
            </RadioItem>
          ))}
        </RadioGroup>
        <FormError>{use.error?.message}</FormError>
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="outline">Keep its code</Button>
          </DialogClose>
          <Button onClick={() => use.mutate(undefined)} disabled={use.isPending || entry === ""}>
            Use it
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
