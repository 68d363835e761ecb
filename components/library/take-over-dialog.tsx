"use client";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { formatCount } from "@/components/ui/format";
import { useApi } from "@/components/use-api";
import type { LibraryJob, LibraryUse } from "@/lib/domain/library/types";
import { EntryDifference } from "./entry-difference";
import { byWorkflow, Takers } from "./takers";

type Props = { projectId: string; entry: LibraryJob; behind: LibraryUse[] };

/** Shows what the newest version changes, and gives it to the workflows that are chosen. */
export function TakeOverDialog({ projectId, entry, behind }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(() => byWorkflow(behind).map(({ id }) => id));
  const versions = [...new Set(behind.map(({ version }) => version))];
  const take = useApi({
    send: () =>
      api("POST /api/projects/[project]/library/[entry]/take-over", {
        params: { project: projectId, entry: entry.id },
        body: { version: entry.version, workflows: chosen },
      }),
    message: ({ workflows }) => `Taken over by ${formatCount(workflows.length, "workflow")}.`,
    done: () => setOpen(false),
    hasForm: true,
  });
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm">Take over</Button>
      </DialogTrigger>
      <DialogContent
        title={`Take over version ${entry.version} of ${entry.name}`}
        description="Each workflow gets a new version, all or none. Runs that wait or have started keep the one they have."
        className="w-[min(94vw,44rem)]"
      >
        <div className="grid grid-cols-1 gap-5">
          <Takers uses={behind} chosen={chosen} onChange={setChosen} />
          {versions.map((from) => (
            <section key={from} className="grid gap-1.5">
              <h3 className="nums font-semibold">
                From version {from} to {entry.version}
              </h3>
              <EntryDifference projectId={projectId} entryId={entry.id} from={from} to={entry.version} />
            </section>
          ))}
          <FormError>{take.error?.message}</FormError>
        </div>
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="outline">Keep them as they are</Button>
          </DialogClose>
          <Button onClick={() => take.mutate(undefined)} disabled={take.isPending || chosen.length === 0}>
            Take over
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
