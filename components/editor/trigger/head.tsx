"use client";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { EditorField } from "@/components/editor/editor-field";
import { useDraft, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";
import { triggerName } from "@/components/workflows/edge-words";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import { remove, setTrigger } from "@/lib/editor/edits";
import type { DraftTrigger } from "@/lib/editor/graph";
import { lostWith, setTriggerType, switchOn } from "@/lib/editor/trigger-type";
import { type TriggerType, triggerTypes } from "@/lib/words";
import { useSaved } from "./saved";
import { enabledHint, fieldWords, typeHints } from "./words";

/** What all triggers have: their type, whether they are on, and that they can be deleted. */
export function TriggerHead({ trigger }: { trigger: DraftTrigger }) {
  return (
    <div className="grid gap-4">
      <TypeField trigger={trigger} />
      <EnabledField trigger={trigger} />
    </div>
  );
}

function TypeField({ trigger }: { trigger: DraftTrigger }) {
  const store = useEditorStore();
  const [asked, setAsked] = useState<TriggerType | null>(null);
  const change = (type: TriggerType) => store.edit(setTriggerType(trigger.id, type));
  const choose = (chosen: string) => {
    const type = triggerTypes.find((one) => one === chosen);
    if (!type || type === trigger.type) return;
    if (trigger.enabled || lostWith(trigger, type).length > 0) setAsked(type);
    else change(type);
  };
  const lost = asked ? lostWith(trigger, asked) : [];
  return (
    <>
      <EditorField itemId={trigger.id} field="type" label="Starts on" hint={typeHints[trigger.type]}>
        <Select value={trigger.type} onValueChange={choose}>
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {triggerTypes.map((type) => (
              <SelectItem key={type} value={type}>
                <span className="inline-flex items-center gap-2">
                  <TriggerIcon type={type} className="size-3.5" />
                  {triggerName(type)}
                </span>
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      </EditorField>
      <Confirm
        open={asked !== null}
        onOpenChange={(open) => open || setAsked(null)}
        title={`Make it a trigger of another kind: ${asked ? triggerName(asked).toLowerCase() : ""}?`}
        description={
          <>
            {lost.length > 0 ? `It loses ${lost.map((field) => fieldWords[field]).join(", ")}. ` : null}
            What it leads to stays{trigger.enabled ? ", and it stays switched on" : ""}. Undo brings all of it
            back.
          </>
        }
        action="Change it"
        onConfirm={() => asked && change(asked)}
      />
    </>
  );
}

function EnabledField({ trigger }: { trigger: DraftTrigger }) {
  const store = useEditorStore();
  const { triggers } = useDraft();
  const saved = useSaved(trigger.id);
  const [isAsked, setAsked] = useState(false);
  const other = triggers.find(({ id, enabled }) => enabled && id !== trigger.id);
  const change = (isOn: boolean) => {
    if (isOn && other) setAsked(true);
    else store.edit(isOn ? switchOn(trigger.id) : setTrigger(trigger.id, { enabled: false }));
  };
  const drop = () => {
    store.edit(remove({ kind: "trigger", id: trigger.id }));
    store.select({ kind: "workflow" });
    toast.info(`${triggerName(trigger.type)} is deleted from the draft.`, {
      action: { label: "Undo", onClick: () => store.undo() },
    });
  };
  return (
    <div className="flex flex-wrap items-start justify-between gap-3">
      <EditorField
        itemId={trigger.id}
        field="enabled"
        label="Switched on"
        className="min-w-48 flex-1"
        hint={enabledHint(trigger, saved)}
      >
        <Switch checked={trigger.enabled} onCheckedChange={change} className="my-1" />
      </EditorField>
      <Button variant="outline" onClick={drop}>
        <Trash2 aria-hidden /> Delete trigger
      </Button>
      <Confirm
        open={isAsked}
        onOpenChange={setAsked}
        title="Switch the other trigger off?"
        description={`A workflow begins in one way at a time: ${other ? triggerName(other.type).toLowerCase() : "another trigger"} is on. It is switched off, and this one on.`}
        action="Switch over"
        onConfirm={() => store.edit(switchOn(trigger.id))}
      />
    </div>
  );
}
