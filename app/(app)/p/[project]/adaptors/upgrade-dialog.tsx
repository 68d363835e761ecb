"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { useApi } from "@/components/use-api";
import type { AdaptorUpgrade } from "@/lib/domain/adaptor/upgrade";

type Props = { projectId: string; name: string };

/** Says what the newest version changes before the project's jobs are pinned to it. */
export function UpgradeDialog({ projectId, name }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline">Upgrade</Button>
      </DialogTrigger>
      <DialogContent
        title={`Upgrade ${name}`}
        description="Runs that wait or have started keep the version they have."
      >
        <Upgrade projectId={projectId} name={name} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function Upgrade({ projectId, name, onDone }: Props & { onDone: () => void }) {
  const params = { project: projectId };
  const plan = useQuery({
    queryKey: ["adaptor-upgrade", projectId, name],
    queryFn: () => api("POST /api/projects/[project]/adaptors/upgrade", { params, body: { name } }),
    gcTime: 0,
    retry: false,
  });
  const apply = useApi({
    send: (expected: string) =>
      api("POST /api/projects/[project]/adaptors/upgrade", { params, body: { name, expected, apply: true } }),
    message: "The jobs use the new version from now on.",
    done: onDone,
    hasForm: true,
  });
  const error = plan.error ?? apply.error;
  const upgrade = plan.data;
  const isNewest = upgrade?.from.length === 0;
  const canApply = upgrade && !isNewest;
  return (
    <>
      {plan.isPending ? (
        <div role="status" className="grid gap-2">
          <span className="text-muted-foreground">Looking up and building the newest version…</span>
          <Skeleton className="h-16" />
        </div>
      ) : null}
      {isNewest ? <p>Every job uses {upgrade?.version}, the newest version, already.</p> : null}
      {canApply ? <Plan upgrade={upgrade} /> : null}
      {error ? (
        <p role="alert" data-status="failed" className="mt-3 text-(--status)">
          {error.message}
        </p>
      ) : null}
      <DialogFooter>
        <DialogClose asChild>
          <Button variant="outline">{canApply ? "Keep it as it is" : "Close"}</Button>
        </DialogClose>
        {canApply ? (
          <Button onClick={() => apply.mutate(upgrade.version)} disabled={apply.isPending}>
            Use {upgrade.version}
          </Button>
        ) : null}
      </DialogFooter>
    </>
  );
}

function Plan({ upgrade: { version, from, overrides } }: { upgrade: AdaptorUpgrade }) {
  return (
    <div className="grid gap-5">
      {from.map((step) => (
        <section key={step.version} className="grid gap-3">
          <h3 className="nums font-semibold">
            {step.version ?? "None that can be had"} to {version}
          </h3>
          <p className="text-muted-foreground">
            {step.jobs.map((job) => `${job.workflowName}: ${job.jobName}`).join(", ")}
          </p>
          <Diff diff={step.diff} />
        </section>
      ))}
      {overrides ? (
        <p className="text-muted-foreground">
          This version installs only with other dependencies than it asks for:{" "}
          {Object.entries(overrides)
            .map(([name, replacement]) => `${name} ${replacement}`)
            .join(", ")}
          .
        </p>
      ) : null}
    </div>
  );
}

function Diff({ diff }: { diff: AdaptorUpgrade["from"][number]["diff"] }) {
  if (!diff) return <p>The present version cannot be had any more, so the two cannot be compared.</p>;
  const { removed, changed, added } = diff;
  const lines = [
    ...removed.map((name) => ({ word: "removed", name, about: "" })),
    ...changed.map(({ name, before, after }) => ({
      word: "changed",
      name,
      about: `(${before.join(", ")}) is now (${after.join(", ")})`,
    })),
    ...added.map((name) => ({ word: "added", name, about: "" })),
  ];
  if (lines.length === 0) return <p>The same operations with the same parameters.</p>;
  return (
    <ul className="grid gap-1.5">
      {lines.map(({ word, name, about }) => (
        <li key={`${word} ${name}`} className="grid grid-cols-[4.25rem_minmax(0,1fr)] items-baseline gap-2">
          <Badge className="justify-center">{word}</Badge>
          <code className="font-mono text-[13px] [overflow-wrap:anywhere]">
            {name}
            {about ? <span className="text-muted-foreground"> {about}</span> : null}
          </code>
        </li>
      ))}
    </ul>
  );
}
