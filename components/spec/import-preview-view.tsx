import { Badge } from "@/components/ui/badge";
import { formatCount } from "@/components/ui/format";
import { triggerName } from "@/components/workflows/edge-words";
import type { ImportPreview } from "@/lib/domain/project/import";
import { ReportList } from "./report-list";

/** What a new project will hold, and what of it is otherwise than the files say. */
export function ImportPreviewView({ preview: { name, workflows, warnings } }: { preview: ImportPreview }) {
  const jobs = workflows.reduce((sum, workflow) => sum + workflow.jobs.length, 0);
  return (
    <section aria-label="What will be made" className="grid gap-4 rounded-lg border bg-card p-4 sm:p-5">
      <h2 className="font-semibold text-[15px]">
        {name}: {formatCount(workflows.length, "workflow")}, {formatCount(jobs, "job")}
      </h2>
      {warnings.length > 0 ? (
        <div className="grid gap-2">
          <p className="text-muted-foreground text-sm">
            {warnings.length === 1 ? "One thing will" : `${warnings.length} things will`} be otherwise than
            the files say:
          </p>
          <ReportList lines={warnings} />
        </div>
      ) : (
        <p className="text-muted-foreground text-sm">Everything is taken over as the files say.</p>
      )}
      <ul className="grid gap-2" aria-label="Workflows">
        {workflows.map((workflow) => (
          <li key={workflow.name} className="grid gap-1 rounded-md border px-3 py-2">
            <p className="flex flex-wrap items-center gap-1.5 font-medium">
              <span className="min-w-0 [overflow-wrap:anywhere]">{workflow.name}</span>
              {workflow.triggers.map((type, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two of a type are alike
                <Badge key={index}>{triggerName(type)}</Badge>
              ))}
            </p>
            <ul className="grid gap-0.5" aria-label={`Jobs of ${workflow.name}`}>
              {workflow.jobs.map((job) => (
                <li key={job.name} className="flex flex-wrap items-center gap-x-2">
                  <span className="min-w-0 [overflow-wrap:anywhere]">{job.name}</span>
                  <code className="font-mono text-muted-foreground text-xs [overflow-wrap:anywhere]">
                    {job.adaptor}
                  </code>
                  {job.isMarked ? (
                    <span data-status="failed" className="text-(--status) text-xs">
                      cannot run: choose another adaptor
                    </span>
                  ) : null}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}
