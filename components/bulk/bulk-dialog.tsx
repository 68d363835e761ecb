"use client";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { api } from "@/components/api";
import { SearchChoice } from "@/components/data-table/search-choice";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { BulkKind } from "@/lib/words";
import { PreviewView } from "./preview-view";
import { type BulkOf, kindsFor, kindWords, ofWords } from "./words";

type Props = {
  projectId: string;
  of: BulkOf;
  job?: { id: string; name: string } | undefined;
  onClose: () => void;
  onStarted: () => void;
};

const repeatedRounds = 10;

/** Asks what to do with many at once, says what that would be, and starts it. */
export function BulkDialog({ projectId, of, job, onClose, onStarted }: Props) {
  return (
    <Dialog open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      <DialogContent title={ofWords(of)} className="w-[min(94vw,40rem)]">
        <BulkForm {...{ projectId, of, job, onStarted }} />
      </DialogContent>
    </Dialog>
  );
}

type FormProps = Omit<Props, "onClose">;

const usualKind = ({ target, filter }: BulkOf): BulkKind => {
  if (target === "rejected" || filter?.state === "rejected") return "release";
  return filter?.state === "waiting" || filter?.state === "pending" ? "cancel" : "rerun";
};

const usualName = (kind: BulkKind, { target }: BulkOf, job: Props["job"]): string =>
  target === "issue"
    ? `Rerun affected: ${job?.name ?? "from the start"}`.slice(0, 100)
    : `${kindWords[kind].label} ${target}`;

function BulkForm({ projectId, of, job, onStarted }: FormProps) {
  const router = useRouter();
  const params = { project: projectId };
  const [kind, setKind] = useState(() => usualKind(of));
  const [jobId, setJobId] = useState(job?.id ?? null);
  const [version, setVersion] = useState<"latest" | "original">("latest");
  const [isRepeated, setRepeated] = useState(false);
  const isRerun = kind === "rerun";
  const canRepeat = isRerun && of.filter?.state !== undefined;
  const body = {
    kind,
    // The lists' parameters are what the route takes: it refuses what it does not know.
    of: of as Parameters<typeof api<"POST /api/projects/[project]/bulk-acts/preview">>[1]["body"]["of"],
    ...(isRerun && jobId ? { jobId } : {}),
    ...(isRerun ? { version } : {}),
  };
  const preview = useQuery({
    queryKey: ["bulk-preview", projectId, body],
    queryFn: ({ signal }) => api("POST /api/projects/[project]/bulk-acts/preview", { params, body, signal }),
    gcTime: 0,
    retry: false,
  });
  const start = useApi({
    send: (more: { name: string; ratePerMinute: number | null }) =>
      api("POST /api/projects/[project]/bulk-acts", {
        params,
        body: { ...body, ...more, maxRounds: canRepeat && isRepeated ? repeatedRounds : 1 },
      }),
    hasForm: true,
    done: ({ id }) => {
      onStarted();
      router.push(`/p/${projectId}/bulk/${id}`);
    },
  });
  const submit = (form: FormData) => {
    const rate = String(form.get("rate") ?? "").trim();
    start.mutate({
      name: String(form.get("name") ?? ""),
      ratePerMinute: rate === "" ? null : Number(rate),
    });
  };
  return (
    <Form
      saved={start.isSuccess}
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
      className="grid gap-4"
    >
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field label="What to do" hint={kindWords[kind].meaning}>
          <Select
            value={kind}
            onValueChange={(next) => setKind(kindsFor[of.target].find((one) => one === next) ?? kind)}
          >
            <SelectTrigger className="w-full">
              <SelectValue />
            </SelectTrigger>
            <SelectContent>
              {kindsFor[of.target].map((one) => (
                <SelectItem key={one} value={one}>
                  {kindWords[one].label}
                </SelectItem>
              ))}
            </SelectContent>
          </Select>
        </Field>
        <Field label="Name" hint="What it is called in the list of bulk acts." error={start.problems.name}>
          <Input name="name" required maxLength={100} defaultValue={usualName(kind, of, job)} />
        </Field>
        {isRerun ? (
          <>
            <Field label="Start from" hint="A job starts on the input that it had.">
              {of.target === "issue" ? (
                <OwnJobChoice {...{ job, jobId, onChange: setJobId }} />
              ) : (
                <JobChoice {...{ projectId, job, jobId, onChange: setJobId }} />
              )}
            </Field>
            <Field label="Version">
              <Select
                value={version}
                onValueChange={(next) => setVersion(next === "original" ? "original" : "latest")}
              >
                <SelectTrigger className="w-full">
                  <SelectValue />
                </SelectTrigger>
                <SelectContent>
                  <SelectItem value="latest">The workflow of now</SelectItem>
                  <SelectItem value="original">The version that ran then</SelectItem>
                </SelectContent>
              </Select>
            </Field>
          </>
        ) : null}
        {kind === "cancel" ? null : (
          <Field
            label="Runs a minute"
            hint="Empty: as fast as possible."
            error={start.problems.ratePerMinute}
          >
            <Input name="rate" type="number" inputMode="numeric" min={1} max={60_000} />
          </Field>
        )}
        {canRepeat ? (
          <div className="flex items-start gap-2 self-center">
            <Checkbox
              id="bulk-repeat"
              checked={isRepeated}
              onCheckedChange={setRepeated}
              className="mt-0.5"
            />
            <Label htmlFor="bulk-repeat">Again until none is left, {repeatedRounds} times at most</Label>
          </div>
        ) : null}
      </div>
      <PreviewView target={of.target} kind={kind} preview={preview.data} error={preview.error} />
      {start.error ? (
        <p role="alert" data-status="failed" className="text-(--status)">
          {start.error.message}
        </p>
      ) : null}
      <DialogFooter className="mt-1">
        <DialogClose asChild>
          <Button variant="outline">Do nothing</Button>
        </DialogClose>
        <Button
          type="submit"
          variant={kind === "cancel" ? "destructive" : "primary"}
          disabled={start.isPending || !preview.data || preview.data.count === 0}
        >
          {kindWords[kind].label}
          {preview.data ? ` ${preview.data.isMore ? "all" : preview.data.count.toLocaleString("en")}` : ""}
        </Button>
      </DialogFooter>
    </Form>
  );
}

type JobChoiceProps = {
  projectId: string;
  job: Props["job"];
  jobId: string | null;
  onChange: (jobId: string | null) => void;
};

/** An issue's own job, or the start. */
const OwnJobChoice = ({ job, jobId, onChange }: Omit<JobChoiceProps, "projectId">) => (
  <Select value={jobId ?? "start"} onValueChange={(next) => onChange(next === "start" ? null : next)}>
    <SelectTrigger className="w-full">
      <SelectValue />
    </SelectTrigger>
    <SelectContent>
      {job ? <SelectItem value={job.id}>{job.name}, which failed</SelectItem> : null}
      <SelectItem value="start">The start</SelectItem>
    </SelectContent>
  </Select>
);

function JobChoice({ projectId, job, jobId, onChange }: JobChoiceProps) {
  return (
    <SearchChoice
      label="Start from"
      all="The start"
      className="w-full max-w-none"
      value={jobId}
      chosen={job && { value: job.id, label: job.name }}
      searchKey={["jobs", projectId]}
      search={async (text, signal) => {
        const page = await api("GET /api/projects/[project]/jobs", {
          params: { project: projectId },
          query: { text: text || null, limit: 50 },
          signal,
        });
        const choices = page.items.map(({ id, name, workflowName }) => ({
          value: id,
          label: name,
          group: workflowName,
        }));
        return { choices, isMore: page.nextCursor !== null };
      }}
      onChange={onChange}
    />
  );
}
