import { useState } from "react";
import { useEditor, useEditorPlace } from "@/components/editor/store";
import { RecentInputs, SavedInputs } from "@/components/manual-run/input-lists";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { RecentInput } from "@/lib/domain/dataclip/types";
import { type InputSource, inputSources, sourceOf, type TestInput } from "./input";
import { JsonInput } from "./json-input";
import { RecentMessages } from "./recent-messages";
import type { Choice } from "./use-input";

const sourceWords: Record<InputSource, string> = {
  recent: "Messages",
  saved: "Saved",
  ran: "Ran with",
  json: "JSON",
  none: "None",
};

type SourcesProps = Pick<Choice, "input" | "json" | "choose" | "write"> & { jobId: string | null };

/** Everything that the draft can be tried on. */
export function InputSources({ jobId, input, json, choose, write }: SourcesProps) {
  const { projectId } = useEditorPlace();
  const [asked, setSource] = useState<InputSource | null>(null);
  // Until another one is asked for: where what is chosen comes from, also when it is chosen only now.
  const source = asked ?? sourceOf(input);
  const show = (value: string) => {
    const next = inputSources.find((one) => one === value) ?? "none";
    setSource(next);
    // These two are themselves the input.
    if (next === "none" || next === "json") choose({ kind: next });
  };
  return (
    <Tabs value={source} onValueChange={show} className="rounded-md border bg-card px-3 pb-3">
      <TabsList aria-label="Where the input comes from">
        {inputSources.map((one) => (
          <TabsTrigger key={one} value={one}>
            {sourceWords[one]}
          </TabsTrigger>
        ))}
      </TabsList>
      <TabsContent value="recent">
        <RecentMessages
          chosenId={input.kind === "message" ? input.id : null}
          onChoose={(id) => choose({ kind: "message", id })}
        />
      </TabsContent>
      <TabsContent value="saved">
        <SavedInputs
          projectId={projectId}
          chosenId={input.kind === "dataclip" ? input.id : null}
          onChoose={({ id, name }) => choose({ kind: "dataclip", id, name })}
        />
      </TabsContent>
      <TabsContent value="ran">
        <RanWith jobId={jobId} input={input} choose={choose} />
      </TabsContent>
      <TabsContent value="json">
        <JsonInput json={json} onWrite={write} />
      </TabsContent>
      <TabsContent value="none">
        <p className="text-muted-foreground">It begins with an empty state: {"{}"}.</p>
      </TabsContent>
    </Tabs>
  );
}

/** What the saved version last began with: the selected job, or the workflow at its trigger. */
function RanWith({ jobId, input, choose }: { jobId: string | null } & Pick<Choice, "input" | "choose">) {
  const { projectId, workflowId } = useEditorPlace();
  const savedJobs = useEditor(({ base }) => base.graph.jobs);
  const saved = savedJobs.find(({ id }) => id === jobId);
  if (jobId && !saved)
    return <p className="text-muted-foreground">This job is in no saved version yet, so it has not run.</p>;
  return (
    <RecentInputs
      {...{ projectId, workflowId }}
      jobId={saved?.id ?? null}
      chosenId={input.kind === "none" || input.kind === "json" ? null : input.id}
      onChoose={(recent) => choose(inputOf(recent))}
    />
  );
}

const inputOf = ({ messageId, dataclipId, name }: RecentInput): TestInput =>
  dataclipId
    ? { kind: "dataclip", id: dataclipId, name }
    : messageId
      ? { kind: "message", id: messageId }
      : { kind: "none" };
