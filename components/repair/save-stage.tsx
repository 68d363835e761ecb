"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api } from "@/components/api";
import { PreviewView } from "@/components/bulk/preview-view";
import { TextDifferenceView } from "@/components/code/text-difference";
import { sentWords } from "@/components/rerun/rerun-words";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { formatCount } from "@/components/ui/format";
import { differenceOfTexts } from "@/lib/difference/lines";
import type { IssueRow } from "@/lib/domain/issue/types";
import { LibraryChoice, type LibraryWay } from "./library-choice";
import { type Done, startRerun, type Wanted } from "./start-rerun";
import type { Code } from "./use-code";
import { useFocusedHeading } from "./use-focused-heading";
import { type Present, type RepairTarget, useIssueOf } from "./use-repair";
import { NewsNote } from "./versions-note";

type Props = {
  projectId: string;
  repairable: Present;
  code: Code;
  mayRerun: boolean;
  /** Loads what somebody else saved. */
  reload: () => Promise<unknown>;
  onBack: () => void;
  onDone: (done: Done) => void;
};

/** What is saved, and what may be rerun with it: the difference and the count come before anything happens. */
export function SaveStage({ projectId, repairable, code, mayRerun, reload, onBack, onDone }: Props) {
  const { workflow, job } = repairable;
  const heading = useFocusedHeading();
  const [library, setLibrary] = useState<LibraryWay>("detach");
  const difference = differenceOfTexts(code.base, code.text);
  const { issue, isAwaited } = useIssueOf(projectId, repairable);
  const save = useMutation({
    mutationFn: async (wanted: Wanted | null): Promise<Done> => ({
      version: code.isChanged ? await saveCode() : null,
      rerun: wanted && (await rerunOf(projectId, wanted)),
    }),
    onSuccess: onDone,
    onError: (error) => {
      // Somebody else was first: their version is loaded, and put together with this one.
      if (error instanceof ApiError && error.code === "conflict") void reload();
    },
  });
  async function saveCode(): Promise<number> {
    const { lockVersion } = await api("POST /api/projects/[project]/workflows/[id]/jobs/[job]/repair", {
      params: { project: projectId, id: workflow.id, job: job.id },
      body: {
        body: code.text,
        lockVersion: code.lockVersion,
        ...(job.libraryJobId === null ? {} : { library }),
      },
    });
    code.saved(lockVersion);
    await reload();
    return lockVersion;
  }
  const isBusy = save.isPending;
  const failure =
    save.error && !(code.news && save.error instanceof ApiError && save.error.code === "conflict");
  return (
    <div className="grid gap-4">
      <h3 ref={heading} tabIndex={-1} className="font-semibold text-[15px] outline-none">
        {difference ? "What saving changes" : "Nothing is changed in the code"}
      </h3>
      {code.news ? <NewsNote news={code.news} /> : null}
      {difference ? (
        <>
          <TextDifferenceView difference={difference} label={`What changes in ${job.name}`} />
          <p className="text-muted-foreground text-sm">
            Only the code of {job.name} changes: it is version {code.lockVersion + 1} of {workflow.name}, and
            runs from then on.
          </p>
          {job.libraryJobId ? (
            <LibraryChoice
              {...{ projectId, job }}
              workflowName={workflow.name}
              way={library}
              onChange={setLibrary}
            />
          ) : null}
        </>
      ) : (
        <p className="text-muted-foreground text-sm">
          What failed can be rerun all the same, as when the other system has been repaired.
        </p>
      )}
      {mayRerun ? <Affected {...{ projectId, repairable, issue, isAwaited }} /> : null}
      {failure ? (
        <p role="alert" data-status="failed" className="text-(--status) [overflow-wrap:anywhere]">
          {save.error?.message}
        </p>
      ) : null}
      <DialogFooter className="mt-0">
        <Button variant="outline" disabled={isBusy} onClick={onBack}>
          Back to the code
        </Button>
        {difference ? (
          <Button
            variant={mayRerun ? "outline" : "primary"}
            disabled={isBusy}
            onClick={() => save.mutate(null)}
          >
            Save
          </Button>
        ) : null}
        {mayRerun ? (
          <RerunButtons
            target={{ runId: repairable.run.id, stepId: repairable.step.id }}
            {...{ issue, isBusy }}
            isChanged={difference !== null}
            onChoose={(wanted) => save.mutate(wanted)}
          />
        ) : null}
      </DialogFooter>
    </div>
  );
}

/** The code is saved by then: what keeps the rerun from starting is told, and it can be asked for again. */
const rerunOf = async (projectId: string, wanted: Wanted): Promise<Done["rerun"]> => {
  try {
    return { wanted, started: await startRerun(projectId, wanted), problem: null };
  } catch (error) {
    return { wanted, started: null, problem: error instanceof Error ? error : new Error(String(error)) };
  }
};

type RerunButtonsProps = {
  target: RepairTarget;
  issue: IssueRow | null | undefined;
  isChanged: boolean;
  isBusy: boolean;
  onChoose: (wanted: Wanted) => void;
};

function RerunButtons({ target, issue, isChanged, isBusy, onChoose }: RerunButtonsProps) {
  const verb = isChanged ? "Save and rerun" : "Rerun";
  const isMany = issue && (issue.affected > 1 || issue.isMoreAffected);
  return (
    <>
      <Button
        variant={isMany ? "outline" : "primary"}
        disabled={isBusy}
        onClick={() => onChoose({ of: "run", ...target })}
      >
        {verb} this one
      </Button>
      {isMany ? (
        <Button disabled={isBusy} onClick={() => onChoose({ of: "issue", issueId: issue.id })}>
          {verb} all {issue.isMoreAffected ? "" : issue.affected.toLocaleString("en")}
        </Button>
      ) : null}
    </>
  );
}

type AffectedProps = {
  projectId: string;
  repairable: Present;
  issue: IssueRow | null | undefined;
  isAwaited: boolean;
};

/** What a rerun would be of: everything that failed for this reason, counted, or this one. */
function Affected({ projectId, repairable, issue, isAwaited }: AffectedProps) {
  const { run, step, job } = repairable;
  const isMany = issue ? issue.affected > 1 || issue.isMoreAffected : false;
  const many = useQuery({
    queryKey: ["bulk-preview", projectId, "repair", issue?.id],
    queryFn: ({ signal }) =>
      api("POST /api/projects/[project]/bulk-acts/preview", {
        params: { project: projectId },
        body: {
          kind: "rerun",
          of: { target: "issue", issueId: issue?.id ?? "" },
          jobId: job.id,
          version: "latest",
        },
        signal,
      }),
    enabled: isMany,
    gcTime: 0,
    retry: false,
  });
  const one = useQuery({
    queryKey: ["rerun-preview", projectId, run.id, step.id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/runs/[id]/rerun", {
        params: { project: projectId, id: run.id },
        query: { fromStepId: step.id },
        signal,
      }),
    gcTime: 0,
    retry: false,
  });
  return (
    <section aria-label="What may be rerun" className="grid gap-2">
      <p role="status">
        {isAwaited
          ? "This failure is being put together with others of its kind. This one can be rerun at once."
          : issue === undefined
            ? "Counting…"
            : isMany && issue
              ? `${issue.isMoreAffected ? "More than " : ""}${formatCount(issue.affected, "work order")} failed for this reason and have not succeeded since.`
              : issue?.affected === 0
                ? "Everything that failed for this reason has succeeded since."
                : "Only this one failed for this reason."}
      </p>
      {isMany ? (
        <>
          <p className="text-muted-foreground text-sm">
            Each is rerun from {job.name} on, on the input that it failed on. A job starts again for one
            message at most once in ten seconds.
          </p>
          <PreviewView target="issue" kind="rerun" preview={many.data} error={many.error} />
        </>
      ) : null}
      {!isMany && one.data && one.data.succeeded.length > 0 ? (
        <div className="grid gap-1 rounded-md border bg-muted/40 px-3 py-2.5">
          <p className="caption">Would be done a second time</p>
          <ul className="grid gap-1">
            {one.data.succeeded.map((other) => (
              <li key={other.jobId} className="text-[13px] [overflow-wrap:anywhere]">
                <span className="font-medium">{other.jobName}</span>{" "}
                <span className="text-muted-foreground">{sentWords(other)}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {one.data && one.data.unfinishedRuns > 0 ? (
        <p data-status="rejected" className="text-(--status) text-sm">
          {formatCount(one.data.unfinishedRuns, "run")} of this already{" "}
          {one.data.unfinishedRuns === 1 ? "waits or runs" : "wait or run"}.
        </p>
      ) : null}
    </section>
  );
}
