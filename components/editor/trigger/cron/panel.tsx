"use client";
import { EditorField } from "@/components/editor/editor-field";
import { useDraft, useEditorStore } from "@/components/editor/store";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { setTrigger } from "@/lib/editor/edits";
import type { DraftTrigger } from "@/lib/editor/graph";
import { whenRunningWords } from "@/lib/words";
import { CronBuilder } from "./builder";
import { NextTimes } from "./next-times";
import { RunSaved } from "./run-saved";
import { TimeZoneField } from "./time-zone-field";

/** When the clock starts the workflow, and with what. */
export function CronPanel({ trigger }: { trigger: DraftTrigger }) {
  const store = useEditorStore();
  const change = (fields: Partial<DraftTrigger>, field: string) =>
    store.edit(setTrigger(trigger.id, fields), `trigger:${trigger.id}:${field}`);
  return (
    <div className="grid grid-cols-1 gap-5">
      <CronBuilder
        triggerId={trigger.id}
        expression={trigger.cronExpression ?? ""}
        onChange={(cronExpression) => change({ cronExpression }, "cronExpression")}
      />
      <TimeZoneField trigger={trigger} onChange={(timeZone) => change({ timeZone }, "timeZone")} />
      <NextTimes
        expression={trigger.cronExpression ?? ""}
        timeZone={trigger.timeZone}
        isOn={trigger.enabled}
      />
      <EditorField
        itemId={trigger.id}
        field="whenRunning"
        label="While the run before is still under way"
        hint={
          trigger.whenRunning === "skip"
            ? "That time is left out, and the next one counts."
            : "One run starts as soon as the one before has ended, however many times have passed by then."
        }
      >
        <Select
          value={trigger.whenRunning ?? "queue"}
          onValueChange={(word) =>
            change(
              {
                whenRunning: word === "skip" ? (whenRunningWords.find((one) => one === word) ?? null) : null,
              },
              "whenRunning",
            )
          }
        >
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            <SelectItem value="queue">Wait for its end</SelectItem>
            <SelectItem value="skip">Skip the time</SelectItem>
          </SelectContent>
        </Select>
      </EditorField>
      <CursorField
        trigger={trigger}
        onChange={(cronCursorJobId) => change({ cronCursorJobId }, "cronCursorJobId")}
      />
      <RunSaved trigger={trigger} />
    </div>
  );
}

const none = "none";

function CursorField({
  trigger,
  onChange,
}: {
  trigger: DraftTrigger;
  onChange: (jobId: string | null) => void;
}) {
  const { jobs } = useDraft();
  const isGone = trigger.cronCursorJobId !== null && !jobs.some(({ id }) => id === trigger.cronCursorJobId);
  return (
    <EditorField
      itemId={trigger.id}
      field="cronCursorJobId"
      label="Each run begins with"
      hint="So a job can keep a cursor, such as the time up to which it has read: what it returns is the state of the next run. Before there is one, a run begins with an empty state."
    >
      <Select
        value={trigger.cronCursorJobId ?? none}
        onValueChange={(id) => onChange(id === none ? null : id)}
      >
        <SelectTrigger>
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          <SelectItem value={none}>what the last successful run came to</SelectItem>
          {jobs.map(({ id, name }) => (
            <SelectItem key={id} value={id}>
              what {name.trim() || "the job without a name"} returned at its last success
            </SelectItem>
          ))}
          {isGone && trigger.cronCursorJobId ? (
            <SelectItem value={trigger.cronCursorJobId}>a job that is not there any more</SelectItem>
          ) : null}
        </SelectContent>
      </Select>
    </EditorField>
  );
}
