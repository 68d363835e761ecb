"use client";
import { EditorField } from "@/components/editor/editor-field";
import { Field } from "@/components/ui/field";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import type { DraftTrigger } from "@/lib/editor/graph";
import type { Change } from "./change";
import { NumberInput } from "./number-input";

type Props = { trigger: DraftTrigger; onChange: Change };

/** When senders are answered, and with what. */
export function AnswerFields({ trigger, onChange }: Props) {
  const isLate = trigger.webhookReply === "after_completion";
  const { success_code: success, error_code: error } = trigger.webhookResponseConfig ?? {};
  const setCodes = (codes: { success_code?: number | null; error_code?: number | null }) => {
    const next = { success_code: success, error_code: error, ...codes };
    const kept = Object.fromEntries(Object.entries(next).filter(([, code]) => code != null));
    onChange({ webhookResponseConfig: Object.keys(kept).length > 0 ? kept : null }, "webhookResponseConfig");
  };
  return (
    <div className="grid gap-4">
      <EditorField
        itemId={trigger.id}
        field="webhookReply"
        label="Senders are answered"
        hint={
          isLate
            ? "With what the run came to: its final state, or what a job puts into state.webhookResponse. A sender that would wait too long gets 504, and the run goes on."
            : trigger.openRosa
              ? "OpenRosa's clients are always answered when the form is stored."
              : "As soon as the message is stored. What the run comes to is not told."
        }
      >
        <Select
          value={isLate ? "after_completion" : "before_start"}
          onValueChange={(reply) =>
            onChange(
              reply === "after_completion"
                ? { webhookReply: "after_completion", openRosa: null }
                : { webhookReply: null, webhookResponseConfig: null },
              "webhookReply",
            )
          }
        >
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            <SelectItem value="before_start">at once, before the run starts</SelectItem>
            <SelectItem value="after_completion">when the run has ended</SelectItem>
          </SelectContent>
        </Select>
      </EditorField>
      {isLate ? (
        <div className="grid gap-4 sm:grid-cols-2">
          <EditorField
            itemId={trigger.id}
            field="webhookResponseConfig"
            label="Status after a success"
            hint="Empty: 201. A job's state.webhookResponse.status comes before it."
          >
            <NumberInput
              value={success ?? null}
              least={200}
              most={599}
              onChange={(code) => setCodes({ success_code: code })}
            />
          </EditorField>
          <Field label="Status otherwise" hint="Empty: 201.">
            <NumberInput
              value={error ?? null}
              least={200}
              most={599}
              onChange={(code) => setCodes({ error_code: code })}
            />
          </Field>
        </div>
      ) : null}
    </div>
  );
}
