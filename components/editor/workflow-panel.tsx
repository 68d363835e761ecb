"use client";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { triggerName } from "@/components/workflows/edge-words";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import { setWorkflow } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import { typed } from "@/lib/limits/typed.mjs";
import { EditorField, useFieldProblem } from "./editor-field";
import { AddMenu } from "./graph/add-menu";
import { useDraft, useEditor, useEditorStore } from "./store";
import { SwitchField } from "./switch-field";
import { panelHeadingId } from "./target-focus";

/** Settings of the workflow as a whole, and everything that starts it. */
export function WorkflowPanel() {
  const store = useEditorStore();
  const { name, orderKey, concurrency, jobLogs } = useDraft();
  const baseLogs = useEditor(({ base }) => base.graph.jobLogs);
  return (
    <div className="grid grid-cols-1 gap-5 rounded-lg border bg-card p-4 sm:p-5">
      <h2 id={panelHeadingId} tabIndex={-1} className="font-semibold text-[15px]">
        The workflow as a whole
      </h2>
      <EditorField itemId={null} field="name" label="Name">
        <Input
          value={name}
          onChange={(event) => store.edit(setWorkflow({ name: event.target.value }), "workflow:name")}
          maxLength={typed.itemName}
          autoComplete="off"
        />
      </EditorField>
      <Triggers />
      <EditorField
        itemId={null}
        field="orderKey"
        label="Strictly in order by"
        hint="Where a message says what must be processed in order, such as data.patient.id. Runs with the same value follow each other as their messages came; others go beside them. Empty: they need not wait for each other."
      >
        <Input
          value={orderKey ?? ""}
          onChange={(event) =>
            store.edit(setWorkflow({ orderKey: event.target.value.trim() || null }), "workflow:orderKey")
          }
          maxLength={200}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          className="font-mono text-[13px]"
        />
      </EditorField>
      <Concurrency value={concurrency} />
      <SwitchField
        id={fieldId(null, "jobLogs")}
        label="Keep what jobs write to the console"
        says="Switched off, the log of a run has errors and nothing that its jobs wrote: for what must not be stored."
        isOn={jobLogs !== false}
        onChange={(isOn) =>
          store.edit(setWorkflow({ jobLogs: isOn ? (baseLogs === true ? true : null) : false }))
        }
      />
    </div>
  );
}

/** A text that is no number stays in its field, and is said; the draft keeps what it had. */
function Concurrency({ value }: { value: number | null }) {
  const store = useEditorStore();
  const [typed, setTyped] = useState<string | null>(null);
  const isWrong = typed !== null && !isCount(typed);
  const type = (text: string) => {
    setTyped(text);
    if (text.trim() === "") store.edit(setWorkflow({ concurrency: null }), "workflow:concurrency");
    else if (isCount(text)) store.edit(setWorkflow({ concurrency: Number(text) }), "workflow:concurrency");
  };
  return (
    <EditorField
      itemId={null}
      field="concurrency"
      label="Runs at once"
      error={isWrong ? "Write a whole number from 1 on, or leave it empty." : null}
      hint="How many of its runs may go at the same time, at most: for a destination that stands no more. Empty: as many as the project may have."
    >
      <Input
        value={isWrong ? typed : (value ?? "")}
        onChange={(event) => type(event.target.value)}
        onBlur={() => (isWrong ? undefined : setTyped(null))}
        inputMode="numeric"
        maxLength={10}
        autoComplete="off"
        className="max-w-32"
      />
    </EditorField>
  );
}

const isCount = (text: string): boolean => {
  const count = Number(text);
  return text.trim() === "" || (Number.isInteger(count) && count >= 1 && count <= 2_147_483_647);
};

function Triggers() {
  const store = useEditorStore();
  const { triggers, jobs } = useDraft();
  const problem = useFieldProblem(null, "triggers");
  // Then it is asked for above.
  if (triggers.length === 0 && jobs.length === 0) return null;
  return (
    <section
      id={fieldId(null, "triggers")}
      tabIndex={-1}
      aria-labelledby="all-triggers"
      className="grid gap-2 outline-offset-4"
    >
      <h3 id="all-triggers" className="font-medium text-[13px]">
        What starts it
      </h3>
      <ul className="grid gap-1">
        {triggers.map(({ id, type, enabled }) => (
          <li key={id}>
            <button
              type="button"
              onClick={() => store.select({ kind: "trigger", id })}
              className="flex w-full items-center gap-2 rounded-md border px-3 py-2 text-left hover:bg-muted"
            >
              <TriggerIcon type={type} className="size-4 shrink-0 text-muted-foreground" />
              <span className="min-w-0 truncate font-medium">{triggerName(type)}</span>
              <span className="ml-auto shrink-0 text-muted-foreground text-xs">
                {enabled ? "switched on" : "switched off"}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {problem ? (
        <p data-status="failed" className="text-(--status) text-xs">
          {problem}
        </p>
      ) : null}
      <p className="text-muted-foreground text-xs">
        One of them can be switched on at a time. Switching it on takes effect with the version that you save.
      </p>
      <div>
        <AddMenu after={null}>
          <Button variant="outline" size="sm">
            <Plus aria-hidden /> Add a trigger or a job
          </Button>
        </AddMenu>
      </div>
    </section>
  );
}
