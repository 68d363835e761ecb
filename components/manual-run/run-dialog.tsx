"use client";
import { useMutation } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { JsonEditor } from "@/components/code/json-editor";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import {
  Select,
  SelectContent,
  SelectGroup,
  SelectItem,
  SelectLabel,
  SelectTrigger,
  SelectValue,
} from "@/components/ui/select";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { toast } from "@/components/ui/toast";
import { Form } from "@/components/unsaved/form";
import { triggerName } from "@/components/workflows/edge-words";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { type Choice, firstJobs, jsonProblem, type Request, requestOf, type Source, sources } from "./choice";
import { keyOf, RecentInputs, SavedInputs } from "./input-lists";
import { InputPreview } from "./input-preview";

type Props = { projectId: string; workflow: WorkflowDetail };

/** Starts a workflow by hand: where, and with what. */
export function RunDialog(props: Props) {
  const [isOpen, setOpen] = useState(false);
  const { graph } = props.workflow;
  if (graph.jobs.length === 0) return null;
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button>
          <Play aria-hidden /> Run
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`Run ${props.workflow.name}`}
        description="A run for real, ahead of what arrives by itself: its jobs send what they send."
        className="w-[min(94vw,44rem)]"
      >
        <RunForm {...props} />
      </DialogContent>
    </Dialog>
  );
}

const sourceWords: Record<Source, string> = {
  recent: "Recent",
  saved: "Saved",
  message: "Message",
  json: "Paste JSON",
  empty: "Empty",
};

const firstStart = ({ triggers, jobs }: WorkflowDetail["graph"]) =>
  (triggers.find(({ enabled }) => enabled) ?? triggers[0] ?? jobs[0])?.id ?? "";

function RunForm({ projectId, workflow }: Props) {
  const { graph } = workflow;
  const router = useRouter();
  const [choice, setChoice] = useState<Choice>({
    startId: firstStart(graph),
    source: "recent",
    recent: null,
    saved: null,
    messageId: "",
    json: '{\n  "data": {}\n}\n',
    name: "",
  });
  const change = (more: Partial<Choice>) => setChoice((before) => ({ ...before, ...more }));
  const request = requestOf(choice, graph);
  const run = useMutation({
    mutationFn: (body: Request) =>
      api("POST /api/projects/[project]/workflows/[id]/runs", {
        params: { project: projectId, id: workflow.id },
        body,
      }),
    onSuccess: ({ runId }) => {
      toast.success("The run has been queued.");
      router.push(`/p/${projectId}/runs/${runId}`);
    },
  });
  return (
    <Form
      saved={run.isSuccess}
      onSubmit={(event) => {
        event.preventDefault();
        if (typeof request !== "string") run.mutate(request);
      }}
      className="grid grid-cols-1 gap-4"
    >
      <StartField
        graph={graph}
        startId={choice.startId}
        onChange={(startId) => change({ startId, recent: null })}
      />
      <Tabs
        value={choice.source}
        onValueChange={(value) => change({ source: sources.find((one) => one === value) ?? "empty" })}
      >
        <TabsList aria-label="Input">
          {sources.map((source) => (
            <TabsTrigger key={source} value={source}>
              {sourceWords[source]}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value="recent" className="grid grid-cols-1 gap-3">
          <RecentInputs
            projectId={projectId}
            workflowId={workflow.id}
            jobId={graph.jobs.some(({ id }) => id === choice.startId) ? choice.startId : null}
            chosenId={choice.recent ? keyOf(choice.recent) : null}
            onChoose={(recent) => change({ recent })}
          />
          {choice.recent ? <InputPreview projectId={projectId} {...choice.recent} /> : null}
        </TabsContent>
        <TabsContent value="saved" className="grid grid-cols-1 gap-3">
          <SavedInputs
            projectId={projectId}
            chosenId={choice.saved?.id ?? null}
            onChoose={(saved) => change({ saved })}
          />
          {choice.saved ? (
            <InputPreview
              projectId={projectId}
              messageId={null}
              dataclipId={choice.saved.id}
              size={choice.saved.size}
            />
          ) : null}
        </TabsContent>
        <TabsContent value="message">
          <Field label="Message" hint="The address of its receipt, or the id at its end.">
            <Input
              value={choice.messageId}
              onChange={(event) => change({ messageId: event.target.value })}
              autoComplete="off"
              maxLength={500}
              className="font-mono"
            />
          </Field>
        </TabsContent>
        <TabsContent value="json">
          <JsonFields json={choice.json} name={choice.name} onChange={change} />
        </TabsContent>
        <TabsContent value="empty">
          <p className="text-muted-foreground">It begins with an empty state: {"{}"}.</p>
        </TabsContent>
      </Tabs>
      <FormError>{run.error?.message}</FormError>
      <DialogFooter className="mt-0 items-center">
        <p className="mr-auto text-muted-foreground text-xs max-sm:basis-full">
          {typeof request === "string"
            ? request
            : beginsWith(firstJobs(graph, choice.startId), workflow.lockVersion)}
        </p>
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" disabled={run.isPending || typeof request === "string"}>
          {run.isPending ? "Starting…" : "Run now"}
        </Button>
      </DialogFooter>
    </Form>
  );
}

const beginsWith = (jobs: string[], version: number): string =>
  jobs.length === 0
    ? "No enabled edge leaves this trigger. Choose a job."
    : `Version ${version}, beginning with ${jobs.slice(0, 3).join(", ")}${jobs.length > 3 ? " and more" : ""}.`;

type StartProps = { graph: WorkflowDetail["graph"]; startId: string; onChange: (id: string) => void };

function StartField({ graph, startId, onChange }: StartProps) {
  return (
    <Field label="Begin at">
      <Select value={startId} onValueChange={onChange}>
        <SelectTrigger className="w-full">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {graph.triggers.length > 0 ? (
            <SelectGroup>
              <SelectLabel>Trigger</SelectLabel>
              {graph.triggers.map(({ id, type, enabled }) => (
                <SelectItem key={id} value={id}>
                  {triggerName(type)}
                  {enabled ? "" : " (switched off)"}
                </SelectItem>
              ))}
            </SelectGroup>
          ) : null}
          <SelectGroup>
            <SelectLabel>Job</SelectLabel>
            {graph.jobs.map(({ id, name }) => (
              <SelectItem key={id} value={id}>
                {name}
              </SelectItem>
            ))}
          </SelectGroup>
        </SelectContent>
      </Select>
    </Field>
  );
}

type JsonProps = { json: string; name: string; onChange: (more: Partial<Choice>) => void };

function JsonFields({ json, name, onChange }: JsonProps) {
  return (
    <div className="grid grid-cols-1 gap-3">
      <JsonEditor
        value={json}
        onChange={(value) => onChange({ json: value })}
        label="State as JSON"
        problem={jsonProblem(json)}
      />
      <Field label="Save it as (optional)" hint="Saved inputs are offered here and never wiped.">
        <Input
          value={name}
          onChange={(event) => onChange({ name: event.target.value })}
          autoComplete="off"
          maxLength={200}
        />
      </Field>
    </div>
  );
}
