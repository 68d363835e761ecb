"use client";
import { EditorField } from "@/components/editor/editor-field";
import { useEditorStore } from "@/components/editor/store";
import { Choice } from "@/components/ui/choice";
import { setTrigger } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftTrigger } from "@/lib/editor/graph";
import { Addresses } from "./addresses";
import { AnswerFields } from "./answers";
import type { Change } from "./change";
import { CustomPathField } from "./custom-path";
import { DeliveryFields } from "./delivery";
import { NumberInput } from "./number-input";
import { Senders } from "./senders";

/** The address of its own, who may send there, and what they are answered. */
export function WebhookPanel({ trigger }: { trigger: DraftTrigger }) {
  const { id } = trigger;
  const store = useEditorStore();
  const change: Change = (fields, field) => store.edit(setTrigger(id, fields), `trigger:${id}:${field}`);
  return (
    <div className="grid grid-cols-1 gap-5">
      <Addresses trigger={trigger} />
      <CustomPathField trigger={trigger} onChange={(customPath) => change({ customPath }, "customPath")} />
      <Senders trigger={trigger} />
      <AnswerFields trigger={trigger} onChange={change} />
      <fieldset className="grid gap-2.5">
        <legend className="mb-1.5 font-medium text-[13px]">What it takes besides</legend>
        <div id={fieldId(id, "takesGet")}>
          <Choice
            label="GET is a message too: its query is the data"
            isChecked={trigger.takesGet === true}
            onChange={(on) => change({ takesGet: on || null }, "takesGet")}
          />
        </div>
        <div id={fieldId(id, "openRosa")}>
          <Choice
            label="Forms of ODK Collect and KoBoCollect (OpenRosa): they are answered 201 when the form is stored"
            isChecked={trigger.openRosa === true}
            onChange={(on) => change(openRosaFields(on), "openRosa")}
          />
        </div>
      </fieldset>
      <DeliveryFields trigger={trigger} onChange={(deliveryId) => change({ deliveryId }, "deliveryId")} />
      <EditorField
        itemId={id}
        field="ratePerMinute"
        label="Messages a minute, at most"
        hint="Empty: any number. More are answered 429, and named under Inbox, Refused, for a day."
      >
        <NumberInput
          value={trigger.ratePerMinute}
          least={1}
          most={1_000_000}
          onChange={(ratePerMinute) => change({ ratePerMinute }, "ratePerMinute")}
        />
      </EditorField>
    </div>
  );
}

/** Its clients are answered at once, so another reply would not be obeyed. */
const openRosaFields = (on: boolean): Partial<DraftTrigger> =>
  on ? { openRosa: true, webhookReply: null, webhookResponseConfig: null } : { openRosa: null };
