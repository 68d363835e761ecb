"use client";
import { CodeView } from "@/components/code/code-view";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { adaptorWords } from "@/components/workflows/edge-words";
import type { RunDetail } from "@/lib/domain/run/types";

/** The code of the version that ran. */
export function RunCode({ run, jobId }: { run: RunDetail; jobId: string | undefined }) {
  const { jobs } = run.snapshot.graph;
  const first = jobId ?? jobs[0]?.id;
  if (!first) return null;
  return (
    <Tabs key={first} defaultValue={first}>
      <TabsList aria-label="Jobs">
        {jobs.map((job) => (
          <TabsTrigger key={job.id} value={job.id}>
            {job.name}
          </TabsTrigger>
        ))}
      </TabsList>
      {jobs.map((job) => (
        <TabsContent key={job.id} value={job.id}>
          <p className="mb-1.5 font-mono text-muted-foreground text-xs">{adaptorWords(job)}</p>
          <div className="overflow-hidden rounded-md border">
            <CodeView code={job.body} label={`Code of ${job.name}`} />
          </div>
        </TabsContent>
      ))}
    </Tabs>
  );
}
