"use client";
import { Wrench } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { StepSummary } from "@/lib/domain/run/types";
import { AttemptList } from "./attempt-list";
import { DryRunDialog } from "./dry-run-dialog";
import { LogViewer } from "./log-viewer";
import { StepErrorView } from "./step-error";
import { StepFacts } from "./step-facts";
import { StepPayload } from "./step-payload";
import { useJobSource } from "./use-job-source";

export const stepTabs = ["error", "attempts", "logs", "input", "output", "details"] as const;
export type StepTab = (typeof stepTabs)[number];

export type StepPanelProps = {
  projectId: string;
  step: StepSummary;
  /** null = the tab that says most: the error, else the log. */
  tab: StepTab | null;
  onTabChange: (tab: StepTab) => void;
  /** Whether the viewer's role may run jobs. */
  mayDryRun: boolean;
  /** Of a step that failed, for roles that may change its job. */
  onRepair?: (() => void) | undefined;
};

/** Input, output, log, error and circumstances of one step. */
export function StepPanel({ projectId, step, tab, onTabChange, mayDryRun, onRepair }: StepPanelProps) {
  const isThere = (one: StepTab) =>
    one === "error" ? step.error !== null : one === "attempts" ? step.attempts.length > 0 : true;
  const wanted = tab ?? (step.retryAt ? "attempts" : "error");
  const shown = isThere(wanted) ? wanted : "logs";
  const hasPlace = Boolean(step.error?.position ?? step.error?.operation);
  const { source } = useJobSource(projectId, step, hasPlace && shown === "error");
  return (
    <Tabs
      value={shown}
      onValueChange={(value) => onTabChange(stepTabs.find((name) => name === value) ?? "logs")}
    >
      <div className="flex items-center gap-2 border-b max-sm:flex-wrap max-sm:pb-2">
        <TabsList
          className="min-w-0 flex-1 border-b-0 max-sm:basis-full max-sm:border-b"
          aria-label={`Step ${step.jobName}`}
        >
          {step.error ? <TabsTrigger value="error">Error</TabsTrigger> : null}
          {isThere("attempts") ? (
            <TabsTrigger value="attempts">
              Attempts{" "}
              <span className="nums text-muted-foreground">
                {step.attempts.length + (step.retryAt ? 0 : 1)}
              </span>
            </TabsTrigger>
          ) : null}
          <TabsTrigger value="logs">
            Logs <span className="nums text-muted-foreground">{step.logLines || ""}</span>
          </TabsTrigger>
          <TabsTrigger value="input">Input</TabsTrigger>
          <TabsTrigger value="output">Output</TabsTrigger>
          <TabsTrigger value="details">
            Details{step.connections.some((connection) => connection.refused) ? " (refused connection)" : ""}
          </TabsTrigger>
        </TabsList>
        {onRepair ? (
          <Button size="sm" variant="outline" onClick={onRepair}>
            <Wrench aria-hidden /> Repair
          </Button>
        ) : null}
        {mayDryRun ? <DryRunDialog projectId={projectId} step={step} /> : null}
      </div>
      {step.error ? (
        <TabsContent value="error">
          <StepErrorView error={step.error} source={source} />
        </TabsContent>
      ) : null}
      {isThere("attempts") ? (
        <TabsContent value="attempts">
          <AttemptList step={step} />
        </TabsContent>
      ) : null}
      <TabsContent value="logs">
        {step.wiped ? (
          <p className="text-muted-foreground">The log is not kept. {step.wiped.says}</p>
        ) : (
          <LogViewer
            projectId={projectId}
            stepId={step.id}
            jobName={step.jobName}
            isRunning={step.exitReason === null}
          />
        )}
      </TabsContent>
      <TabsContent value="input">
        <StepPayload projectId={projectId} stepId={step.id} kind="input" />
      </TabsContent>
      <TabsContent value="output">
        {step.exitReason === null ? (
          <p className="text-muted-foreground">The step is still running.</p>
        ) : (
          <StepPayload projectId={projectId} stepId={step.id} kind="output" />
        )}
      </TabsContent>
      <TabsContent value="details">
        <StepFacts step={step} />
      </TabsContent>
    </Tabs>
  );
}
