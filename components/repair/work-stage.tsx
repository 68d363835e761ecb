"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical, PencilRuler, Save } from "lucide-react";
import Link from "next/link";
import { useMemo, useRef, useState } from "react";
import { api, apiPath, getText } from "@/components/api";
import type { JobEditorHandle } from "@/components/code/job-editor";
import { DryRunResult } from "@/components/runs/dry-run-result";
import { parseJson } from "@/components/runs/json-view";
import { StepPayload } from "@/components/runs/step-payload";
import { Button } from "@/components/ui/button";
import { ExplainedType } from "@/components/ui/explained";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { StepSummary } from "@/lib/domain/run/types";
import { lineNow } from "./code-change";
import { CodeField } from "./code-field";
import type { Code } from "./use-code";
import type { Present } from "./use-repair";
import { NewsNote, VersionsNote } from "./versions-note";

type Props = {
  projectId: string;
  repairable: Present;
  code: Code;
  mayRerun: boolean;
  onSave: () => void;
};

/** The code at the line of the error, the input that it failed on, and what it comes to when it is tried. */
export function WorkStage({ projectId, repairable, code, mayRerun, onSave }: Props) {
  const { step, job } = repairable;
  const handle = useRef<JobEditorHandle>(null);
  const [tab, setTab] = useState<"input" | "result">("input");
  const place = useMemo(() => placeOf(repairable), [repairable]);
  const state = useInputState(projectId, step.id);
  const trying = useMutation({
    mutationFn: (body: string) =>
      api("POST /api/projects/[project]/dry-run", {
        params: { project: projectId },
        body: { stepId: step.id, version: "latest", ...(body === job.body ? {} : { body }) },
      }),
    onMutate: () => setTab("result"),
  });
  const editor = `/p/${projectId}/workflows/${repairable.workflow.id}/edit?node=${job.id}&step=${step.id}${place ? `&line=${place.line}` : ""}`;
  return (
    <div className="grid gap-3.5">
      <VersionsNote {...{ projectId, repairable }} />
      {code.news ? <NewsNote news={code.news} /> : null}
      <WhatFailed step={step} />
      <div className="grid items-start gap-x-5 gap-y-4 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <section aria-label="Code" className="grid min-w-0 gap-2">
          {place && !place.isSame ? (
            <p className="text-muted-foreground text-xs">
              The line that the error points to has been changed since; this is where it stood.
            </p>
          ) : null}
          <CodeField
            {...{ projectId, job, state, handle }}
            value={code.text}
            onChange={code.set}
            line={place?.line ?? null}
          />
          <div className="flex flex-wrap items-center gap-2">
            {mayRerun ? (
              <Button
                variant="outline"
                disabled={trying.isPending}
                onClick={() => {
                  handle.current?.flush();
                  trying.mutate(code.latest());
                }}
              >
                <FlaskConical aria-hidden /> {trying.isPending ? "Trying…" : "Try it"}
              </Button>
            ) : null}
            <Button
              onClick={() => {
                handle.current?.flush();
                onSave();
              }}
            >
              <Save aria-hidden /> Save…
            </Button>
            <Button asChild variant="ghost" className="sm:ml-auto">
              <Link href={editor}>
                <PencilRuler aria-hidden /> Open in the editor
              </Link>
            </Button>
          </div>
        </section>
        <Tabs
          value={tab}
          onValueChange={(next) => setTab(next === "result" ? "result" : "input")}
          className="min-w-0"
        >
          <TabsList aria-label="Input and result">
            <TabsTrigger value="input">Input that failed</TabsTrigger>
            <TabsTrigger value="result">What it comes to now</TabsTrigger>
          </TabsList>
          <TabsContent value="input">
            <StepPayload projectId={projectId} stepId={step.id} kind="input" />
          </TabsContent>
          <TabsContent value="result">
            {trying.isPending ? (
              <p role="status">Running on the input that failed. Nothing is sent.</p>
            ) : null}
            {trying.error ? (
              <p role="alert" data-status="failed" className="text-(--status)">
                {trying.error.message}
              </p>
            ) : null}
            {trying.data ? (
              <DryRunResult key={trying.submittedAt} result={trying.data} source={trying.variables} />
            ) : trying.isPending || trying.error ? null : (
              <p className="text-muted-foreground">
                {mayRerun
                  ? "Try it: the job runs on the input that failed, and what it would send is shown instead of sent."
                  : "Your role may not run jobs."}
              </p>
            )}
          </TabsContent>
        </Tabs>
      </div>
    </div>
  );
}

/** The error in a few lines: where it is in the code, the editor shows. */
function WhatFailed({ step }: { step: StepSummary }) {
  const { error, exitReason } = step;
  return (
    <section
      data-status="failed"
      className="max-h-40 overflow-y-auto rounded-md border border-(--status-line) bg-(--status-soft) px-3.5 py-2.5"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="What failed"
    >
      {error ? (
        <>
          <p className="font-semibold text-(--status) text-xs">
            <ExplainedType type={error.type} />
            {error.position ? (
              <span className="font-normal"> at line {error.position.line} of the code that ran</span>
            ) : null}
          </p>
          <p className="mt-0.5 whitespace-pre-wrap [overflow-wrap:anywhere]">{error.message}</p>
          {error.hint ? <p className="mt-1">{error.hint}</p> : null}
        </>
      ) : (
        <p className="text-(--status)">The step ended as {exitReason} and said nothing.</p>
      )}
    </section>
  );
}

/** Where the error is in the present code; null when it points nowhere. */
function placeOf({ step, ran, job }: Present): { line: number; isSame: boolean } | null {
  const line = step.error?.position?.line ?? step.error?.operation?.line;
  if (line === undefined) return null;
  return ran ? lineNow(ran.body, job.body, line) : { line, isSame: false };
}

/** Completions are made from the input; one that is larger than this is left alone. */
const mostStateChars = 1_000_000;

function useInputState(projectId: string, stepId: string): unknown {
  const href = apiPath("/api/projects/[project]/steps/[id]/input", { project: projectId, id: stepId });
  const { data } = useQuery({
    queryKey: ["step-payload", stepId, "input"],
    queryFn: ({ signal }) => getText(href, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return useMemo(
    () => (data === undefined || data.length > mostStateChars ? undefined : parseJson(data)),
    [data],
  );
}
