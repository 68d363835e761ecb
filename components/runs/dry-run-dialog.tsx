"use client";
import { useMutation } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { api } from "@/components/api";
import { Editor } from "@/components/code/editor";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import type { StepSummary } from "@/lib/domain/run/types";
import { DryRunResult } from "./dry-run-result";
import { useJobSource } from "./use-job-source";

type Props = { projectId: string; step: StepSummary };

/** Runs a step's job again on the same input with nothing sent; its code can be changed first. */
export function DryRunDialog(props: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm" variant="ghost">
          <FlaskConical aria-hidden /> Dry run
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`Dry run of ${props.step.jobName}`}
        description="Runs on the input this step had. Requests are shown instead of sent, and answered with an empty success. The job itself stays as it is."
        className="w-[min(94vw,60rem)]"
      >
        <WithSource {...props} />
      </DialogContent>
    </Dialog>
  );
}

function WithSource(props: Props) {
  const { source, error } = useJobSource(props.projectId, props.step, true);
  if (error) return <p role="alert">{error}</p>;
  if (source === undefined) return <Skeleton className="h-64" />;
  return <DryRunForm {...props} source={source} />;
}

function DryRunForm({ projectId, step, source }: Props & { source: string }) {
  const [code, setCode] = useState(source);
  const dryRun = useMutation({
    mutationFn: (body: string) =>
      api("POST /api/projects/[project]/dry-run", {
        params: { project: projectId },
        body: { stepId: step.id, ...(body === source ? {} : { body }) },
      }),
  });
  return (
    <div className="grid gap-4">
      <div className="grid gap-1.5">
        <p className="font-medium text-[13px]">Job code</p>
        <div className="overflow-hidden rounded-md border border-input/70">
          <Editor value={code} onChange={setCode} language="javascript" label="Job code" height="32vh" />
        </div>
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        {code === source ? null : (
          <Button variant="outline" onClick={() => setCode(source)}>
            Back to the code that ran
          </Button>
        )}
        <Button disabled={dryRun.isPending} onClick={() => dryRun.mutate(code)}>
          {dryRun.isPending ? "Running…" : "Run without sending"}
        </Button>
      </div>
      {dryRun.error ? (
        <p role="alert" data-status="failed" className="text-(--status)">
          {dryRun.error.message}
        </p>
      ) : null}
      {dryRun.data ? (
        <div className="border-t pt-4">
          <DryRunResult key={dryRun.submittedAt} result={dryRun.data} source={dryRun.variables} />
        </div>
      ) : null}
    </div>
  );
}
