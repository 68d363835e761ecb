"use client";
import Link from "next/link";
import { useState } from "react";
import { api } from "@/components/api";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { EntryLink } from "@/components/library/job-entry";
import { useEntries } from "@/components/library/use-entries";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { setJob } from "@/lib/editor/edits";
import type { DraftJob } from "@/lib/editor/graph";

/** The library's entry that the job is of: its code and adaptor are the entry's until it is detached. */
export function JobLibrary({ job }: { job: DraftJob }) {
  const store = useEditorStore();
  const { projectId } = useEditorPlace();
  if (job.libraryJobId === null) return <UseEntry job={job} />;
  return (
    <div className="grid grid-cols-1 gap-2">
      <p className="flex flex-wrap items-center gap-2">
        Of the library:{" "}
        <EntryLink projectId={projectId} entryId={job.libraryJobId} version={job.libraryVersion} />
      </p>
      <p className="text-muted-foreground text-xs">
        Its code and adaptor are the entry's. Detach it to change them for this job alone.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button
          variant="outline"
          size="sm"
          onClick={() => store.edit(setJob(job.id, { libraryJobId: null, libraryVersion: null }))}
        >
          Detach from the library
        </Button>
        <UseEntry job={job} />
      </div>
    </div>
  );
}

/** Replaces the job's code and adaptor by an entry's newest ones, in the draft. */
function UseEntry({ job }: { job: DraftJob }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline" size="sm" className="justify-self-start">
          {job.libraryJobId === null ? "Use an entry of the library" : "Use another version or entry"}
        </Button>
      </DialogTrigger>
      <DialogContent
        title="Use an entry of the library"
        description="The job's code and adaptor become the entry's newest ones. It can be undone."
      >
        <Entries job={job} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function Entries({ job, onDone }: { job: DraftJob; onDone(): void }) {
  const store = useEditorStore();
  const { projectId, workflowId } = useEditorPlace();
  const [problem, setProblem] = useState<string | null>(null);
  const entries = useEntries(projectId);
  const use = async (entry: string) => {
    setProblem(null);
    try {
      const params = { project: projectId, entry };
      const { id, version, body, adaptor } = await api("GET /api/projects/[project]/library/[entry]", {
        params,
      });
      store.takeIn();
      store.edit(setJob(job.id, { libraryJobId: id, libraryVersion: version, body, adaptor }));
      onDone();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const said = problem ?? entries.error?.message;
  return (
    <div className="grid grid-cols-1 gap-2">
      {said ? <p role="alert">{said}</p> : null}
      {entries.isPending ? <Skeleton className="h-24" /> : null}
      {entries.data?.items.length === 0 ? (
        <p className="text-muted-foreground">
          The library is empty. A job of a saved version is added to it on the{" "}
          <Link
            href={`/p/${projectId}/workflows/${workflowId}?node=${job.id}`}
            className="underline underline-offset-3"
          >
            workflow's page
          </Link>
          .
        </p>
      ) : null}
      <ul className="grid grid-cols-1 gap-0.5">
        {entries.data?.items.map(({ id, name, version, description }) => (
          <li key={id}>
            <button
              type="button"
              onClick={() => void use(id)}
              className="grid w-full gap-0.5 rounded-md px-3 py-2 text-left hover:bg-muted"
            >
              <span className="[overflow-wrap:anywhere]">
                <span className="font-medium">{name}</span>{" "}
                <span className="nums text-muted-foreground text-xs">version {version}</span>
              </span>
              {description ? <span className="text-muted-foreground text-xs">{description}</span> : null}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
